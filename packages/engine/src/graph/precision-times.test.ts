import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEngine } from '../use-engine.ts';
import { bfloat16Slowdown, fasterPrecision, precisionTimes } from './precision-times.ts';
import { timePrecisions } from './time-precisions.ts';

let cacheFolder: string;
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'fixres-times-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheFolder, { recursive: true, force: true });
});

const engine = { device: 'cpu', versions: { tensorflow: '1' } } as const;

describe('precisionTimes', () => {
  it('measures once per engine, and again after a damaged file', async () => {
    const measured: number[] = [];
    const measure = (): { float32: number; bfloat16: number } => {
      measured.push(measured.length);
      return { float32: 2, bfloat16: measured.length };
    };
    const options = { cacheFolder: join(cacheFolder, 'new'), measure };
    expect(await precisionTimes(engine, options)).toEqual({ float32: 2, bfloat16: 1 });
    expect(await precisionTimes(engine, options)).toEqual({ float32: 2, bfloat16: 1 });
    const other = { device: 'cpu', versions: { tensorflow: '2' } } as const;
    expect(await precisionTimes(other, options)).toEqual({ float32: 2, bfloat16: 2 });
    expect(await precisionTimes(engine, options)).toEqual({ float32: 2, bfloat16: 1 });
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0');
    await precisionTimes(engine, options);
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '1');
    await precisionTimes(engine, options);
    const [file, ...others] = await readdir(options.cacheFolder);
    expect(others).toEqual([]);
    for (const damaged of ['{"', 'null', '[]']) {
      await writeFile(join(options.cacheFolder, file!), damaged);
      await precisionTimes(engine, options);
    }
    // One of the two variables is the default of this processor.
    expect(measured).toHaveLength(6);
  });

  it('does not need a folder that can be written', async () => {
    const blocked = join(cacheFolder, 'file');
    await writeFile(blocked, '');
    const measure = (): { float32: number; bfloat16: number } => ({ float32: 1, bfloat16: 3 });
    expect(await precisionTimes(engine, { cacheFolder: blocked, measure })).toEqual(measure());
  });
});

it.each([
  [{ float32: 6, bfloat16: 3 }, 'bfloat16', undefined],
  [{ float32: 1, bfloat16: 6 }, 'float32', 6],
  [{ float32: 1, bfloat16: 1.05 }, 'float32', undefined],
  [{ float32: 1.05, bfloat16: 1 }, 'float32', undefined],
] as const)('chooses for %j', (times, precision, slowdown) => {
  expect(fasterPrecision(times)).toBe(precision);
  expect(bfloat16Slowdown(times)).toBe(slowdown);
});

it('times both precisions on the native engine', { tags: ['native-engine'] }, async () => {
  await useEngine({ engine: 'tensorflow' });
  const { float32, bfloat16 } = timePrecisions();
  expect([float32, bfloat16].every((ms) => ms > 0 && Number.isFinite(ms))).toBe(true);
});
