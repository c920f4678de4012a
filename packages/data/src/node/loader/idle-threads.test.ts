import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { classPictures, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import { resize } from '../../policies/keras-fixres.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { keepThread, takeThread } from './idle-threads.ts';
import { ImageLoader } from './image-loader.ts';

function takeThreads(count: number): Worker[] {
  return Array.from({ length: count }, takeThread);
}

afterEach(() => void vi.useRealTimers());

describe('idle threads', () => {
  it('work for the next loader, four at most, and are not given away twice', async () => {
    const threads = takeThreads(5);
    const exits = threads.map((thread) => once(thread, 'exit').then(() => thread));
    for (const thread of threads) await keepThread(thread);
    expect(await Promise.race(exits)).toBe(threads[4]);
    expect(new Set(takeThreads(4))).toEqual(new Set(threads.slice(0, 4)));
    const [other] = takeThreads(1);
    expect(threads).not.toContain(other);
    await Promise.all([...threads.slice(0, 4), other!].map((thread) => thread.terminate()));
  });

  it('stop after ten seconds', async () => {
    const [thread] = takeThreads(1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await keepThread(thread!);
    const stopped = once(thread!, 'exit');
    vi.advanceTimersByTime(9999);
    const [again] = takeThreads(1);
    expect(again).toBe(thread);
    await keepThread(again!);
    vi.advanceTimersByTime(9999);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    await stopped;
  });

  it('are not used again if they fail', async () => {
    const [thread] = takeThreads(1);
    await keepThread(thread!);
    thread!.emit('error', new Error('out of memory'));
    const [next] = takeThreads(1);
    expect(next).not.toBe(thread);
    await Promise.all([thread, next].map((each) => each!.terminate()));
  });
});

// What a process holds is read from /proc.
describe('a closed loader', { tags: 'linux' }, () => {
  it('leaves no file open, and no cache in memory, in threads that wait', async () => {
    const folder = await temporaryFolder();
    const { examples } = await openDataset(
      await writeFolder(folder, await classPictures(['a', 'b'], 4)),
      { cacheFolder: folder },
    );
    const files = new Set(examples.map(({ source }) => source.file));
    const openFiles = (): string[] =>
      readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          return [readlinkSync(`/proc/self/fd/${fd}`)].filter((file) => files.has(file));
        } catch {
          // Closed in between.
          return [];
        }
      });
    // A size that nothing else has.
    const cacheBytes = 48 * 2 ** 20 + 3 * 4096;
    const mappings = (): number =>
      readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .filter((line) => {
          const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
          return from !== undefined && parseInt(to!, 16) - parseInt(from, 16) === cacheBytes;
        }).length;
    const train = async (): Promise<void> => {
      const loader = new ImageLoader({ threads: 1, cacheBytes });
      for await (const { shape } of loader.batches(examples, { policy: resize(16), batchSize: 8 }))
        expect(shape[0]).toBe(8);
      expect(openFiles()).toHaveLength(8);
      expect(mappings()).toBe(1);
      await loader.close();
    };
    await train();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await expect
      .poll(() => {
        collect();
        return { files: openFiles(), mappings: mappings() };
      })
      .toEqual({ files: [], mappings: 0 });
  });
});
