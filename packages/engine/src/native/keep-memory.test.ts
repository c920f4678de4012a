import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { defaultCacheFolder } from '../cache-folder.ts';
import { entryOf, findEngine } from './engine-entry.ts';
import {
  type AllocatorFacts,
  allocatorReport,
  keepMemory,
  reasonAgainst,
  usesOneDnn,
} from './keep-memory.ts';
import { nativePackageIn } from './native-package.ts';

const helped: AllocatorFacts = {
  platform: 'linux',
  device: 'cpu',
  oneDnn: false,
  tunables: 'glibc.pthread.rseq=0',
  source: 'wheel',
};

describe('reasonAgainst', () => {
  it('is undefined where it helps', () => expect(reasonAgainst(helped)).toBeUndefined());

  it.each<[string, Partial<AllocatorFacts>, RegExp]>([
    ['other systems', { platform: 'darwin' }, /darwin/],
    ['a GPU', { device: 'gpu' }, /GPU/],
    ['oneDNN', { oneDnn: true }, /oneDNN/],
    ["the user's own settings", { tunables: 'glibc.malloc.mmap_max=5' }, /GLIBC_TUNABLES/],
    ["the vendor's binding", { source: 'vendor' }, /vendor's binding has no addon/],
  ])('is a clause with %s', (_, facts, reason) =>
    expect(reasonAgainst({ ...helped, ...facts })).toMatch(reason),
  );
});

describe('usesOneDnn', () => {
  it.each<[string, string[], string | undefined, boolean]>([
    ['x64', ['avx2', 'fma'], undefined, false],
    ['x64', ['avx2', 'avx512f'], '', false],
    ['x64', ['avx2', 'avx512f', 'avx512_vnni'], undefined, true],
    ['x64', ['avx2', 'avx_vnni'], undefined, true],
    ['x64', ['avx2'], '1', true],
    ['x64', ['amx_tile'], 'false', false],
    ['arm64', ['asimd'], undefined, true],
  ])('is known for %s with %j and the variable %s', (architecture, features, variable, expected) =>
    expect(usesOneDnn(architecture, features, variable)).toBe(expected),
  );
});

describe('allocatorReport', () => {
  const withoutAddons = nativePackageIn('/does-not-exist');

  it('names the remedy for a missing addon', () => {
    keepMemory(withoutAddons, helped);
    expect(allocatorReport()).toMatchObject({
      keepsMemory: false,
      remedy: 'run `fixres setup`, which builds it if there is a C++ compiler',
    });
  });

  it("names no remedy for the vendor's binding, which cannot have one", () => {
    keepMemory(withoutAddons, { ...helped, source: 'vendor' });
    expect(allocatorReport()).toEqual({
      keepsMemory: false,
      hugePages: false,
      reason: "the vendor's binding has no addon for it",
    });
  });
});

describe('keepMemory', { tags: ['native-engine'] }, () => {
  /** Loads the engine in a process of its own, because the allocator is that of the whole process. */
  async function load(program: string, variables: NodeJS.ProcessEnv): Promise<unknown> {
    const url = (file: string): string => new URL(file, import.meta.url).href;
    const text = `
      import { releaseFreeMemory, useEngine } from ${JSON.stringify(url('../../dist/index.js'))};
      import { allocatorReport } from ${JSON.stringify(url('../../dist/native/keep-memory.js'))};
      await useEngine({ engine: 'tensorflow', device: 'cpu' });
      ${program}`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--input-type=module', '-e', text],
      {
        cwd: new URL('../..', import.meta.url),
        env: { ...process.env, NODE_OPTIONS: '', GLIBC_TUNABLES: '', ...variables },
      },
    );
    return JSON.parse(stdout);
  }

  it(
    'keeps freed memory until it is released, without touching it',
    { tags: 'linux' },
    async () => {
      const seen = (await load(
        `import { setTimeout } from 'node:timers/promises';
        const megabytes = () => process.memoryUsage.rss() / 1e6;
        const begin = megabytes();
        // 40 blocks of 8 MB come from malloc, and would be mapped and unmapped one by one.
        const use = async () => {
          let blocks = Array.from({ length: 40 }, () => new Uint8Array(8e6).fill(1));
          blocks = [];
          // Another thread frees them some time after the collection.
          do {
            globalThis.gc();
            await setTimeout(20);
          } while (process.memoryUsage().arrayBuffers > 50e6);
        };
        await use();
        const kept = megabytes() - begin;
        const report = allocatorReport();
        // V8 counts blocks as freed before that thread has freed them.
        for (let i = 0; i < 15_000 && megabytes() - begin >= 100; i++) {
          releaseFreeMemory();
          await setTimeout(20);
        }
        console.log(JSON.stringify({ report, kept, released: megabytes() - begin }));`,
        { TF_ENABLE_ONEDNN_OPTS: '0' },
      )) as { report: { keepsMemory: boolean }; kept: number; released: number };
      expect(seen.report.keepsMemory).toBe(true);
      expect(seen.kept).toBeGreaterThan(250);
      expect(seen.released).toBeLessThan(100);
    },
  );

  it(
    'is decided by the device in use, not by a driver whose GPU TensorFlow does not see',
    { tags: 'linux' },
    async () => {
      const cacheFolder = await mkdtemp(join(tmpdir(), 'fixres-unseen-'));
      const { entry, manifest } = findEngine(defaultCacheFolder(), ['cpu', 'gpu'])!;
      const asCuda = entryOf(cacheFolder, 'gpu');
      await mkdir(asCuda, { recursive: true });
      await symlink(join(entry, 'node_modules'), join(asCuda, 'node_modules'));
      await writeFile(
        join(asCuda, 'manifest.json'),
        JSON.stringify({ ...manifest, flavor: 'gpu', source: 'wheel' }),
      );
      vi.stubEnv('CUDA_VISIBLE_DEVICES', '-1');
      // The allocator of this process stays as it is.
      vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '1');
      vi.doMock('../machine/gpu.ts', () => ({ hasNvidiaDriver: () => true }));
      vi.resetModules();
      onTestFinished(async () => {
        vi.unstubAllEnvs();
        vi.doUnmock('../machine/gpu.ts');
        vi.resetModules();
        await rm(cacheFolder, { recursive: true });
      });
      const { useEngine } = await import('../use-engine.ts');
      const fresh = await import('./keep-memory.ts');
      const { device, reason } = await useEngine({ cacheFolder });
      expect({ device, reason }).toEqual({
        device: 'cpu',
        reason: expect.stringContaining('TensorFlow does not see it') as string,
      });
      expect(fresh.allocatorReport().reason).toBe('TensorFlow pools memory itself, with oneDNN');
    },
  );

  it('leaves malloc alone with oneDNN', async () => {
    const print = 'console.log(JSON.stringify(allocatorReport()));';
    expect(await load(print, { TF_ENABLE_ONEDNN_OPTS: '1' })).toMatchObject({
      keepsMemory: false,
    });
  });
});
