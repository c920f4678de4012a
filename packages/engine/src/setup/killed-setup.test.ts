import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeTools } from './fixtures/fake-tools.ts';
import { setUpEngine } from './setup-native-engine.ts';

let root: string;
let tools: FakeTools;
const path = process.env.PATH;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'fixres-killed-')));
  tools = new FakeTools(root);
  await tools.prepare();
  await tools.giveAll();
});

afterEach(async () => {
  process.env.PATH = path;
  await rm(root, { recursive: true, force: true });
});

/** Starts the built setup with the fake packages in a separate process. */
async function start(): Promise<ChildProcess> {
  const url = new URL('../../dist/setup/setup-native-engine.js', import.meta.url).href;
  const options = { cacheFolder: join(root, 'cache') };
  const program = `import { setUpEngine } from ${JSON.stringify(url)};
    await setUpEngine(${JSON.stringify(options)}, { packages: ${JSON.stringify(tools.parts.packages)}, verify: async () => ({ version: '2.21.0' }) });`;
  const file = join(root, 'program.mjs');
  await writeFile(file, program);
  return spawn(process.execPath, [file], {
    env: { ...process.env, NODE_OPTIONS: '', PATH: tools.bin },
    stdio: 'inherit',
  });
}

// Each tool stops in the middle of its work, and the setup is killed there, as in a power cut.
it.each([
  ['npm', 3],
  ['python3', 1],
  ['g++', 0],
] as const)(
  'setup resumes after it was killed while %s was working',
  async (tool, fetchedAfter) => {
    const reached = join(root, 'reached');
    // It outlives the setup, and ends when its file is gone.
    const stop = `const file = ${JSON.stringify(reached)}; fs.writeFileSync(file, '');
      while (fs.existsSync(file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      process.exit(1);`;
    await {
      npm: () => tools.giveNpm(stop),
      python3: () => tools.givePython(stop),
      'g++': () => tools.giveCompiler(stop),
    }[tool]();
    const child = await start();
    await expect.poll(() => existsSync(reached)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(reached);
    await tools.giveAll();
    const before = (await tools.downloads()).length;
    // The lock of a dead process becomes stale after ten seconds.
    await utimes(join(root, 'cache', 'engine.lock'), new Date(0), new Date(0));
    process.env.PATH = tools.bin;
    expect(await setUpEngine({ cacheFolder: join(root, 'cache') }, tools.parts)).toMatchObject({
      engine: 'tensorflow',
      how: 'built',
    });
    expect((await tools.downloads()).length - before).toBe(fetchedAfter);
    expect(await readdir(join(root, 'cache', 'engine'))).toHaveLength(1);
  },
);
