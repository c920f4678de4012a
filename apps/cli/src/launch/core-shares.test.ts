import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundTo, canBindTo, coreShares, type ReadFile } from './core-shares.ts';

/** A machine that allows the CPUs of a list, with the siblings and the package of each. */
function machine(
  allowed: string,
  topology: (cpu: number) => { siblings: string; package: number } | undefined,
): ReadFile {
  return (path) => {
    if (path === '/proc/self/status')
      return `Name:\tnode\nCpus_allowed_list:\t${allowed}\nThreads:\t1\n`;
    const [, cpu, file] = /cpu(\d+)\/topology\/(\w+)$/.exec(path)!;
    const place = topology(Number(cpu));
    if (place === undefined) throw new Error(`no such file: ${path}`);
    return `${file === 'physical_package_id' ? place.package : place.siblings}\n`;
  };
}

describe('coreShares', () => {
  it('keeps the hardware threads of a core in one process', () => {
    // Four cores with two threads each, numbered as Linux does it on x86.
    const read = machine('0-7', (cpu) => ({
      siblings: `${cpu % 4},${(cpu % 4) + 4}`,
      package: 0,
    }));
    expect(coreShares(2, read)).toEqual(['0,4,1,5', '2,6,3,7']);
  });

  it('keeps the cores of a package in one process', () => {
    const read = machine('0-3', (cpu) => ({ siblings: String(cpu), package: cpu % 2 }));
    expect(coreShares(2, read)).toEqual(['0,2', '1,3']);
  });

  it('takes the numbers of CPUs where nothing tells their place', () => {
    const read = machine('0-2,5', () => undefined);
    expect(coreShares(2, read)).toEqual(['0,1', '2,5']);
  });

  it('gives each CPU to one process, and none more than another by two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (cpus, processes) => {
          const shares = coreShares(
            processes,
            machine(`0-${cpus - 1}`, (cpu) => ({ siblings: String(cpu), package: 0 })),
          );
          if (cpus < processes) {
            expect(shares).toBeUndefined();
            return;
          }
          const lists = shares!.map((share) => share.split(',').map(Number));
          expect(lists.flat().toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: cpus }, (_, i) => i),
          );
          const sizes = lists.map(({ length }) => length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(2);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is nothing where the CPUs are unknown', () => {
    expect(
      coreShares(1, () => {
        throw new Error('no such file');
      }),
    ).toBeUndefined();
  });
});

describe('boundTo', { tags: 'linux' }, () => {
  const allowedIn = (status: string): string => /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!;

  it('keeps a program on the CPUs of a share', () => {
    const allowed = allowedIn(readFileSync('/proc/self/status', 'utf8'));
    const [share] = coreShares(1)!;
    expect(canBindTo(share!)).toBe(true);
    const [program, ...args] = boundTo(share!, ['cat', '/proc/self/status']) as [
      string,
      ...string[],
    ];
    expect(allowedIn(execFileSync(program, args, { encoding: 'utf8' }))).toBe(allowed);
  });

  it('cannot take CPUs that are not there', () => {
    expect(canBindTo('99999')).toBe(false);
  });
});
