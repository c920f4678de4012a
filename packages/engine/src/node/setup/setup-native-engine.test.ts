import { existsSync, readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FixresEngineError } from '../../errors.ts';
import type { VerifyBinding } from './setup-context.ts';
import { removeNativeEngine, setUpEngine, type SetupOptions } from './setup-native-engine.ts';
import { storedZip } from './fixtures/stored-zip.ts';

let root: string;
let options: SetupOptions & { packageFolder: string; cacheFolder: string };
const environment = { PATH: process.env.PATH, CXX: process.env.CXX };

/** A fake binding "loads" when the fake compiler wrote it from the real headers. */
const verify: VerifyBinding = async (file) =>
  (await readFile(file, 'utf8').catch(() => '')) === 'binding' ? { version: '2.21.0' } : { problem: 'not a binding' };

/** Writes a program for the fake PATH; `args` are its arguments. */
async function program(name: string, body: string): Promise<void> {
  const file = join(root, 'bin', name);
  await writeFile(file, `#!${process.execPath}\nconst fs = require('fs'); const path = require('path'); const args = process.argv.slice(2);\n${body}\n`);
  await chmod(file, 0o755);
}

async function givePython(body = ''): Promise<void> {
  await program(
    'python3',
    `if (args.includes('--version')) process.exit(0);
     fs.appendFileSync(${JSON.stringify(join(root, 'downloads'))}, args.at(-1) + '\\n');
     ${body}
     fs.copyFileSync(${JSON.stringify(join(root, 'fake.whl'))}, path.join(args[args.indexOf('--dest') + 1], 'tensorflow_cpu-2.21.0.whl'));`,
  );
}

async function giveCompiler(body = ''): Promise<void> {
  await program(
    'g++',
    `if (args.includes('--version')) process.exit(0);
     ${body}
     const include = args.filter((a) => a.startsWith('-I')).map((a) => a.slice(2));
     if (!args.some((a) => a.endsWith('.cc') && a.includes('quiet')) && !include.some((f) => fs.existsSync(path.join(f, 'tensorflow/c/c_api.h')))) {
       console.error('tfjs_backend.cc:26: fatal error: tensorflow/c/c_api.h: No such file'); process.exit(1);
     }
     fs.writeFileSync(args[args.indexOf('-o') + 1], 'binding');`,
  );
}

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'fixres-engine-')));
  const packageFolder = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  await mkdir(join(packageFolder, 'binding'), { recursive: true });
  await mkdir(join(packageFolder, 'scripts'));
  await mkdir(join(root, 'bin'));
  await writeFile(join(packageFolder, 'package.json'), '{"name":"@tensorflow/tfjs-node-gpu","version":"4.22.0"}');
  await writeFile(join(packageFolder, 'scripts', 'install.js'), 'console.error("no route to host"); process.exit(1);');
  await writeFile(
    join(root, 'fake.whl'),
    storedZip({
      'tensorflow/include/tensorflow/c/c_api.h': 'header',
      'tensorflow/include/unneeded.h': 'header',
      'tensorflow/libtensorflow_cc.so.2': 'cc',
      'tensorflow/libtensorflow_framework.so.2': 'framework',
      'tensorflow/python/big.so': 'python',
      'tensorflow/include/LICENSE': 'licence',
      'tensorflow/THIRD_PARTY_NOTICES.txt': 'notices',
    }),
  );
  process.env.PATH = join(root, 'bin');
  delete process.env.CXX;
  options = { packageFolder, cacheFolder: join(root, 'cache') };
});

afterEach(async () => {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  await rm(root, { recursive: true, force: true });
});

const entries = async (): Promise<string[]> => (existsSync(join(root, 'cache', 'engine')) ? readdir(join(root, 'cache', 'engine')) : []);
const downloads = async (): Promise<string[]> => (await readFile(join(root, 'downloads'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

/** What must be true after anything that failed: no cache entry, no trace in the package. */
async function expectNothingLeft(): Promise<void> {
  expect(await entries()).toEqual([]);
  expect((await readdir(options.packageFolder)).sort()).toEqual(['binding', 'package.json', 'scripts']);
  expect(await readdir(join(options.packageFolder, '..'))).toEqual(['tfjs-node-gpu']);
}

describe('setupNativeEngine', () => {
  it('builds from the wheel, keeps only what is needed, links it, and then has nothing to do', async () => {
    await givePython();
    await giveCompiler();
    const steps: string[] = [];
    const result = await setUpEngine({ ...options, onStep: (step) => steps.push(step) }, verify);
    expect(result).toMatchObject({ engine: 'tensorflow', how: 'built', flavor: 'cpu', tensorflow: '2.21.0' });
    const [entry] = await entries();
    const folder = join(root, 'cache', 'engine', entry!);
    expect(entry).toMatch(/^tfjs-4\.22\.0_tensorflow-2\.21\.0-cpu_napi-8_/);
    expect((await readdir(folder)).sort()).toEqual(['LICENSE', 'THIRD_PARTY_NOTICES.txt', 'deps', 'lib', 'manifest.json']);
    expect(await readdir(join(folder, 'deps'))).toEqual(['lib']);
    expect(await readlink(join(options.packageFolder, 'deps'))).toBe(join(folder, 'deps'));
    expect(await readFile(join(options.packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'utf8')).toBe('binding');
    expect(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
      source: 'wheel',
      wheel: { file: 'tensorflow_cpu-2.21.0.whl', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect(steps.length).toBeGreaterThan(3);

    const again: string[] = [];
    expect(await setUpEngine({ ...options, onStep: (step) => again.push(step) }, verify)).toMatchObject({ how: 'ready' });
    expect(again).toEqual([]);
    expect(await downloads()).toEqual(['tensorflow-cpu==2.21.0']);
  });

  it('takes the CUDA wheel with gpu, keeps it when nothing is said, and goes back with gpu: false', async () => {
    await givePython();
    await giveCompiler();
    expect(await setUpEngine({ ...options, gpu: true }, verify)).toMatchObject({ how: 'built', flavor: 'gpu' });
    expect(await setUpEngine(options, verify)).toMatchObject({ how: 'ready', flavor: 'gpu' });
    expect(await setUpEngine({ ...options, gpu: false }, verify)).toMatchObject({ how: 'built', flavor: 'cpu' });
    expect(await setUpEngine({ ...options, gpu: true }, verify)).toMatchObject({ how: 'linked', flavor: 'gpu' });
    expect(await downloads()).toEqual(['tensorflow==2.21.0', 'tensorflow-cpu==2.21.0']);
  });

  it('replaces real folders in the package by links', async () => {
    await givePython();
    await giveCompiler();
    for (const path of ['deps/lib', 'lib/napi-v8']) {
      await mkdir(join(options.packageFolder, path), { recursive: true });
      await writeFile(join(options.packageFolder, path, 'old'), 'old');
    }
    await setUpEngine(options, verify);
    expect((await lstat(join(options.packageFolder, 'deps'))).isSymbolicLink()).toBe(true);
    expect((await readdir(options.packageFolder)).sort()).toEqual(['binding', 'deps', 'lib', 'package.json', 'scripts']);
    expect(await readdir(join(options.packageFolder, 'lib'))).toEqual(['napi-v8']);
  });

  it('falls back to wasm and names what is missing when there is no Python and no compiler', async () => {
    const result = await setUpEngine(options, verify);
    expect(result).toMatchObject({ engine: 'wasm' });
    const { missing, hint } = result as Extract<typeof result, { engine: 'wasm' }>;
    expect(missing[0]).toMatch(/^python3 with pip is missing: /);
    expect(missing[1]).toMatch(/^a C\+\+ compiler is missing: /);
    expect(missing[2]).toContain('no route to host');
    expect(hint.split('\n')).toHaveLength(1);
    await expectNothingLeft();
  });

  it.each([
    ['pip fails', "console.error('ERROR: No space left on device'); process.exit(1);", '', 'No space left on device'],
    ['the compiler fails', '', "console.error('x.cc:1: error: bad'); process.exit(1);", 'x.cc:1: error: bad'],
    ['the wheel is not a zip', `fs.writeFileSync(${JSON.stringify('WHEEL')}, 'no zip');`, '', 'zip'],
    ['the binding does not load', '', "fs.writeFileSync(args[args.indexOf('-o') + 1], 'broken'); process.exit(0);", 'not a binding'],
  ])('leaves nothing behind when %s', async (_name, python, compiler, message) => {
    await givePython(python.replace('"WHEEL"', JSON.stringify(join(root, 'fake.whl'))));
    await giveCompiler(compiler);
    const outcome = await setUpEngine(options, verify).then((result) => JSON.stringify(result), String);
    expect(outcome).toContain(message);
    expect(outcome).toContain('wasm');
    await expectNothingLeft();
  });

  it("takes the vendor's download when the wheel does not work", async () => {
    await writeFile(
      join(options.packageFolder, 'scripts', 'install.js'),
      `const fs = require('fs'); fs.mkdirSync('deps/lib', { recursive: true }); fs.mkdirSync('lib/napi-v8', { recursive: true });
       fs.writeFileSync('lib/napi-v8/tfjs_binding.node', 'binding');`,
    );
    expect(await setUpEngine(options, verify)).toMatchObject({ engine: 'tensorflow', how: 'downloaded' });
    expect(await readdir(join(options.packageFolder, '..'))).toEqual(['tfjs-node-gpu']);
    expect(await setUpEngine(options, verify)).toMatchObject({ how: 'ready' });
  });

  it('keeps a binding that the package already has when nothing can be built', async () => {
    await mkdir(join(options.packageFolder, 'lib', 'napi-v8'), { recursive: true });
    await writeFile(join(options.packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'binding');
    expect(await setUpEngine(options, verify)).toMatchObject({ engine: 'tensorflow', how: 'kept', folder: options.packageFolder });
  });

  it('shares the work when two run at once', async () => {
    await givePython('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);');
    await giveCompiler();
    const steps: string[] = [];
    const run = (): ReturnType<typeof setUpEngine> => setUpEngine({ ...options, onStep: (step) => steps.push(step) }, verify);
    const results = await Promise.all([run(), run()]);
    expect(results.map((result) => 'how' in result && result.how).sort()).toEqual(['built', 'linked']);
    expect(await downloads()).toHaveLength(1);
    expect(steps).toContain('another set-up is running; waiting for it');
    expect(await entries()).toHaveLength(1);
  });

  it('stops on abort, together with the compiler, and leaves nothing', async () => {
    await givePython();
    const started = join(root, 'started');
    await giveCompiler(`fs.writeFileSync(${JSON.stringify(started)}, String(process.pid)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`);
    const controller = new AbortController();
    const running = setUpEngine({ ...options, signal: controller.signal }, verify);
    await expect.poll(() => existsSync(started)).toBe(true);
    controller.abort();
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'FixresEngineError', code: 'aborted' }) as FixresEngineError);
    expect(() => process.kill(Number(readFileSync(started, 'utf8')), 0)).toThrow();
    await expectNothingLeft();
  });

  it('clears away what a killed set-up left: its temporary folder and its lock', async () => {
    await givePython();
    await giveCompiler();
    await mkdir(join(root, 'cache', 'engine', 'some-key.tmp-abc', 'deps'), { recursive: true });
    const lock = join(root, 'cache', 'engine.lock');
    await mkdir(lock);
    await utimes(lock, new Date(0), new Date(0));
    expect(await setUpEngine(options, verify)).toMatchObject({ how: 'built' });
    expect((await entries()).filter((name) => name.includes('.tmp-'))).toEqual([]);
  });

  it('builds again with clean, and removeNativeEngine takes everything away', async () => {
    await givePython();
    await giveCompiler();
    await setUpEngine(options, verify);
    expect(await setUpEngine({ ...options, clean: true }, verify)).toMatchObject({ how: 'built' });
    await removeNativeEngine(options);
    expect(await entries()).toEqual([]);
    expect(existsSync(join(options.packageFolder, 'deps'))).toBe(false);
    expect(await readdir(join(options.packageFolder, 'lib'))).toEqual([]);
  });
});
