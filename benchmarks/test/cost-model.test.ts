import { describe, expect, it } from 'vitest';

interface Link {
  latency: number;
  bandwidth: number;
  network?: number;
}
interface Exchange {
  processes: number;
  bytes: number;
  cores?: number;
}
interface CostModel {
  allReduceSeconds: (link: Link, exchange: Exchange) => number;
  fittedLink: (times: readonly (Exchange & { seconds: number })[]) => Link;
  throughNetwork: (link: Link, bandwidth: number) => Link;
  stepSeconds: (link: Link, step: Exchange & { compute: number }) => number;
}

// The benchmarks have no types.
const file: string = new URL('../cluster/cost-model.mjs', import.meta.url).href;
const { allReduceSeconds, fittedLink, stepSeconds, throughNetwork } = (await import(
  file
)) as CostModel;

const link = { latency: 1e-4, bandwidth: 1e9 };

const BUCKET = 2 ** 23;

/** All-reduces of these bytes over a link, by simulating the messages of the ring for each bucket. */
function simulated(processes: number, bytes: number): number {
  if (bytes > BUCKET) return simulated(processes, BUCKET) + simulated(processes, bytes - BUCKET);
  let seconds = 0;
  // Reduce-scatter, then all-gather: in each of n - 1 turns, every process sends one of n parts.
  for (let phase = 0; phase < 2; phase++)
    for (let turn = 0; turn < processes - 1; turn++)
      seconds += link.latency + bytes / processes / link.bandwidth;
  return seconds;
}

describe('the cost model of several processes', () => {
  it.each([1, 2, 3, 4, 64])('sends the messages of a ring of %i', (processes) => {
    for (const bytes of [0, 4e3, 2.5 * BUCKET])
      expect(allReduceSeconds(link, { processes, bytes })).toBeCloseTo(
        simulated(processes, bytes),
        12,
      );
  });

  it('finds the link that times are from', () => {
    for (const cores of [1, 2]) {
      const times = [1e5, 1e6, 8e6, 94e6].map((bytes) => ({
        processes: 2,
        cores,
        bytes,
        seconds: (2 / cores) * simulated(2, bytes),
      }));
      const fitted = fittedLink(times);
      expect(fitted.latency).toBeCloseTo(link.latency, 12);
      expect(fitted.bandwidth / link.bandwidth).toBeCloseTo(1, 9);
    }
    // Times that a latency would have to be negative for.
    const convex = [1e5, 1e6].map((bytes) => ({
      processes: 2,
      bytes,
      seconds: bytes ** 1.2 / 1e9,
    }));
    expect(fittedLink(convex).latency).toBe(0);
  });

  it('takes each byte through the programs, then through the network', () => {
    const bytes = 4e6;
    const slow = throughNetwork(link, 1.25e8);
    // Half of the bytes to the other process, and back.
    const [programs, network] = [
      2 * (link.latency + bytes / 2 / link.bandwidth),
      2 * (bytes / 2 / 1.25e8),
    ];
    const exchange = { processes: 2, bytes };
    expect(allReduceSeconds(slow, exchange)).toBeCloseTo(programs + network, 9);
    // Programs that share a core take turns; the network does not wait for them.
    expect(allReduceSeconds(slow, { ...exchange, cores: 1 })).toBeCloseTo(
      2 * programs + network,
      9,
    );
  });

  it('adds the exchange of whole buckets to the computing, and cores divide both', () => {
    const step = { compute: 2, bytes: 2.5 * BUCKET };
    expect(stepSeconds(link, { ...step, processes: 1 })).toBe(2);
    const buckets = simulated(4, BUCKET) * 2 + simulated(4, BUCKET / 2);
    expect(stepSeconds(link, { ...step, processes: 4 })).toBeCloseTo(2 + buckets, 9);
    expect(stepSeconds(link, { ...step, processes: 4, cores: 2 })).toBeCloseTo(
      2 * (2 + buckets),
      9,
    );
  });
});
