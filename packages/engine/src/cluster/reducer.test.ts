// @module-tag native-engine
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** What a process of the cluster printed. */
interface Outcome {
  /** Bits of the means of 0 and 1, in buckets of their own, by the type in which they travelled. */
  float32: number[][];
  bfloat16: number[][];
  /** The same, in a graph that computes in bfloat16. */
  within: number[][];
  /** Lines of both processes before this one had left. */
  before: string[];
}

/**
 * Operands of the process of a rank: ordinary ones, and those at which rounding is decided. None is
 * subnormal; TensorFlow's kernels take those for 0.
 */
function operands(rank: number): number[][] {
  const many = Array.from({ length: 301 }, (_, i) => Math.sin(1 + i * (rank + 2)) * 10 ** (i % 7));
  const special = [
    [1 + 2 ** -8, 1 + 3 * 2 ** -8, 2 ** -120, 3.4e38, 0.1, -0.1, 1],
    [0, 0, 2 ** -120, -3.4e38, 0.2, 0.1, 2 ** -9],
  ];
  return [many, special[rank]!];
}

/** The nearest number of 8 significant bits, ties to even: an independent truth for bfloat16. */
function toBfloat16(value: number): number {
  const bits = bitsOf(value);
  const rounded = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff_0000;
  return new Float32Array(Uint32Array.of(rounded).buffer)[0]!;
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

describe('means of two processes', { tags: 'linux' }, () => {
  let outcomes: Outcome[];

  beforeAll(async () => {
    const server = createServer();
    const addresses = await Promise.all(
      [server, createServer()].map(
        (each) =>
          new Promise<string>((resolve) => {
            each.listen(0, '127.0.0.1', () => {
              const { port } = each.address() as AddressInfo;
              each.close(() => resolve(`127.0.0.1:${port}`));
            });
          }),
      ),
    );
    const url = (file: string): string =>
      JSON.stringify(new URL(`../../dist/${file}`, import.meta.url).href);
    const folder = await mkdtemp(join(tmpdir(), 'fixres-cluster-'));
    const file = join(folder, 'lines');
    outcomes = await Promise.all(
      [0, 1].map(async (rank) => {
        const program = `
        import { appendFileSync, readFileSync } from 'node:fs';
        import * as tf from '@tensorflow/tfjs-core';
        import { useEngine } from ${url('index.js')};
        import { compileGraph } from ${url('graph/index.js')};
        import { joinCluster } from ${url('cluster/index.js')};
        await useEngine({ engine: 'tensorflow', device: 'cpu' });
        const cluster = joinCluster(${JSON.stringify({ addresses, rank })}, { stepTimeout: 300 });
        const operands = ${JSON.stringify(operands(rank))};
        const meansIn = (type, precision) => {
          const reducer = cluster.createReducer();
          const inputs = Object.fromEntries(
            operands.map(({ length }, i) => ['x' + i, { shape: [length], dtype: 'float32' }]));
          const run = ({ x0, x1 }) => {
            reducer.restart();
            return { ...reducer.means([x0, x1], type) };
          };
          const graph = compileGraph({ run: { inputs, run } }, { precision, openSession: cluster.openSession });
          const given = operands.map((values, i) => ['x' + i, Float32Array.from(values)]);
          const means = graph.run('run', Object.fromEntries(given));
          return Object.values(means).map((mean) => [...new Uint32Array(mean.dataSync().slice().buffer)]);
        };
        const means = {
          float32: meansIn('float32'), bfloat16: meansIn('bfloat16'), within: meansIn('bfloat16', 'bfloat16'),
        };
        if (cluster.rank === 1) await new Promise((resolve) => setTimeout(resolve, 300));
        const file = ${JSON.stringify(file)};
        appendFileSync(file, 'process ' + cluster.rank + '\\n');
        cluster.leave();
        const before = readFileSync(file, 'utf8').trim().split('\\n');
        console.log(JSON.stringify({ ...means, before }));
        // The other process is gone by now, or leaves for good.
        if (cluster.rank === 1) cluster.leave();`;
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--input-type=module', '-e', program],
          {
            cwd: new URL('../..', import.meta.url),
            env: { ...process.env, NODE_OPTIONS: '' },
          },
        );
        return JSON.parse(stdout) as Outcome;
      }),
    );
    await rm(folder, { recursive: true });
  });

  it('are sent before either process leaves, and none needs the other to leave', () => {
    for (const { before } of outcomes) expect(before.sort()).toEqual(['process 0', 'process 1']);
  });

  it('are the same to the bit in both', () => {
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it('are those of float32 by default', () => {
    const [own, other] = [operands(0), operands(1)];
    const expected = own.map((values, i) =>
      values.map((value, j) =>
        bitsOf(Math.fround(Math.fround(value) + Math.fround(other[i]![j]!)) / 2),
      ),
    );
    expect(outcomes[0]!.float32).toEqual(expected);
  });

  it.each(['bfloat16', 'within'] as const)(
    'round operands, sums and means to bfloat16 (%s)',
    (kind) => {
      const [own, other] = [operands(0), operands(1)];
      const expected = own.map((values, i) =>
        values.map((value, j) => {
          const sum = toBfloat16(toBfloat16(value) + toBfloat16(other[i]![j]!));
          return bitsOf(toBfloat16(sum / 2));
        }),
      );
      expect(outcomes[0]![kind]).toEqual(expected);
    },
  );
});
