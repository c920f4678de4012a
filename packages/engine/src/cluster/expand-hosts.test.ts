import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandHosts } from './expand-hosts.ts';

/** The examples of scontrol(1), Slurm::Hostlist(3pm) and slurm_hostlist_create(3). */
const documented: [string, string[]][] = [
  ['node1,node[2-5,12]', ['node1', 'node2', 'node3', 'node4', 'node5', 'node12']],
  ['tux[0-2,12,20-21]', ['tux0', 'tux1', 'tux2', 'tux12', 'tux20', 'tux21']],
  ['linux[1-3,6]', ['linux1', 'linux2', 'linux3', 'linux6']],
  ['lx[008-011]', ['lx008', 'lx009', 'lx010', 'lx011']],
  ['lx[0010,0012]', ['lx0010', 'lx0012']],
  ['rack[0-1]node[2-3]-ib', ['rack0node2-ib', 'rack0node3-ib', 'rack1node2-ib', 'rack1node3-ib']],
  ['gpu-a.example.org', ['gpu-a.example.org']],
];

describe('expandHosts', () => {
  it.each(documented)('%s', (list, hosts) => {
    expect(expandHosts(list)).toEqual(hosts);
  });

  it.each([
    '',
    'a,,b',
    'n[',
    'n[1-]',
    'n[3-1]',
    'n[]',
    'n[1-2',
    'n]1[',
    'bgl[123x456]',
    'a b',
    'n[1,,2]',
  ])('refuses "%s"', (list) => {
    expect(() => expandHosts(list)).toThrow(
      expect.objectContaining({
        code: 'bad-option',
        message: expect.stringMatching(/^Variable SLURM_STEP_NODELIST is "/) as string,
      }) as Error,
    );
  });

  it.each(['n[0-999999999]', 'a[0-99]b[0-99]c[0-99]'])(
    'refuses "%s", which is too long',
    (list) => {
      expect(() => expandHosts(list)).toThrow(/more than 4096 hosts/);
    },
  );

  it('undoes the short form of any list', () => {
    const expression = fc.record({
      prefix: fc.stringMatching(/^[a-z][a-z.-]{0,5}$/),
      width: fc.integer({ min: 1, max: 4 }),
      ranges: fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 5 })), {
        minLength: 1,
        maxLength: 3,
      }),
      suffix: fc.stringMatching(/^[a-z-]{0,4}$/),
    });
    fc.assert(
      fc.property(fc.array(expression, { minLength: 1, maxLength: 4 }), (expressions) => {
        const long: string[] = [];
        const short = expressions.map(({ prefix, width, ranges, suffix }) => {
          const text = (number: number): string => String(number).padStart(width, '0');
          for (const [first, more] of ranges)
            for (let number = first; number <= first + more; number++)
              long.push(prefix + text(number) + suffix);
          const parts = ranges.map(([first, more]) =>
            more === 0 ? text(first) : `${text(first)}-${text(first + more)}`,
          );
          return `${prefix}[${parts.join(',')}]${suffix}`;
        });
        expect(expandHosts(short.join(','))).toEqual(long);
      }),
    );
  });

  it('returns hosts or refuses, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('n', '1', '-', '2', ',', '[', ']', '0', 'x', '.') }),
        (list) => {
          try {
            expect(expandHosts(list).length).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toMatchObject({ code: 'bad-option' });
          }
        },
      ),
    );
  });
});
