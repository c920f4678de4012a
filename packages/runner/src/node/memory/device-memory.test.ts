import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { deviceMemory } from './device-memory.ts';

it('adds up the memory of all GPUs from the driver', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-gpu-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'driver');
  await writeFile(program, '#!/bin/sh\nprintf "1000\\n24\\n"\n');
  await chmod(program, 0o755);
  const now = deviceMemory(program);
  expect(now()).toBeUndefined();
  await expect.poll(now).toBe((1024 * 2 ** 20) / 1e6);
});

it('is undefined without a driver', async () => {
  const now = deviceMemory(join(tmpdir(), 'fixres-no-such-program'));
  now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(now()).toBeUndefined();
});
