import { describe, expect, it } from 'vitest';
import { CurveLoader } from './curve-loader.ts';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, milliseconds));

describe('CurveLoader', () => {
  it('loads few runs at once, each of them once', async () => {
    const loaded: string[] = [];
    let [now, most] = [0, 0];
    const loader = new CurveLoader(async (run) => {
      most = Math.max(most, ++now);
      await pause(1);
      now--;
      loaded.push(run);
    });
    const runs = Array.from({ length: 40 }, (_, i) => `run-${i}`);
    loader.want(runs);
    await expect.poll(() => loaded.length).toBe(40);
    loader.want(runs.slice(1));
    loader.want(runs);
    await expect.poll(() => loaded.length).toBe(41);
    expect([new Set(loaded).size, most]).toEqual([40, 3]);
  });

  it('repeats a failed request while its run is wanted', async () => {
    const asked: string[] = [];
    const loaded = new Set<string>();
    let isThere = false;
    const loader = new CurveLoader(
      async (run) => {
        asked.push(run);
        await pause(1);
        if (!isThere) throw new Error('Nobody answers.');
        loaded.add(run);
      },
      { pause: 5 },
    );
    loader.want(['a', 'b', 'c', 'd', 'e']);
    await expect.poll(() => asked.filter((run) => run === 'e').length).toBeGreaterThan(1);
    loader.want(['a']);
    isThere = true;
    await expect.poll(() => loaded.has('a')).toBe(true);
    await pause(30);
    const { length } = asked;
    await pause(30);
    expect(asked.length).toBe(length);
  });
});
