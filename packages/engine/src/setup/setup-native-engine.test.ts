import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FixresEngineError } from '../errors.ts';
import { addonFile } from '../native/addons.ts';
import { nativePackageIn } from '../native/native-package.ts';
import { downloadEngine } from './download-native-engine.ts';
import { FakeTools } from './fixtures/fake-tools.ts';
import {
  removeNativeEngine,
  setUpEngine,
  type SetupOptions,
  type SetupResult,
} from './setup-native-engine.ts';

let root: string;
let tools: FakeTools;
let options: SetupOptions & { cacheFolder: string };
const environment = { ...process.env };
const { execPath } = process;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'fixres-engine-')));
  tools = new FakeTools(root);
  await tools.prepare();
  process.env.PATH = tools.bin;
  for (const name of [
    'CXX',
    'npm_execpath',
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'ALL_PROXY',
    'all_proxy',
  ])
    Reflect.deleteProperty(process.env, name);
  options = { cacheFolder: join(root, 'cache') };
});

afterEach(async () => {
  process.env = { ...environment };
  process.execPath = execPath;
  await rm(root, { recursive: true, force: true });
});

const setUp = (more: Partial<SetupOptions> = {}): Promise<SetupResult> =>
  setUpEngine({ ...options, ...more }, tools.parts);
const entries = async (): Promise<string[]> =>
  existsSync(join(root, 'cache', 'engine')) ? readdir(join(root, 'cache', 'engine')) : [];
const bothPackages = ['@tensorflow/tfjs-node-gpu@4.22.0', 'progress@4.22.0'];

/**
 * Checks the state after any failure: no engine and nothing partial; finished downloads may stay.
 */
async function expectNothingHalfDone(): Promise<void> {
  expect((await entries()).filter((name) => name !== 'downloads')).toEqual([]);
  const kept = await readdir(join(root, 'cache', 'engine', 'downloads')).catch((): string[] => []);
  expect(kept.filter((name) => name.startsWith('.'))).toEqual([]);
}

function expectWasm(result: SetupResult): Extract<SetupResult, { engine: 'wasm' }> {
  expect(result.engine).toBe('wasm');
  const wasm = result as Extract<SetupResult, { engine: 'wasm' }>;
  expect(wasm.hint.split('\n')).toHaveLength(1);
  return wasm;
}

describe('setupNativeEngine', () => {
  it('downloads and builds, keeps only what is needed, and does nothing the second time', async () => {
    await tools.giveAll();
    const steps: string[] = [];
    const result = await setUp({ onStep: (step) => steps.push(step) });
    expect(result).toMatchObject({
      engine: 'tensorflow',
      how: 'built',
      flavor: 'cpu',
      tensorflow: '2.21.0',
    });
    const [entry, ...others] = await entries();
    expect(others).toEqual([]);
    const folder = join(root, 'cache', 'engine', entry!);
    expect(entry).toMatch(/^v3_tfjs-4\.22\.0_tensorflow-2\.21\.0-cpu_napi-8_/);
    expect((await readdir(folder)).sort()).toEqual([
      'LICENSE',
      'THIRD_PARTY_NOTICES.txt',
      'manifest.json',
      'node_modules',
    ]);
    const { folder: packageFolder, bindingFile } = nativePackageIn(folder);
    expect(await readdir(join(packageFolder, 'deps'))).toEqual(['lib']);
    expect(await readFile(bindingFile, 'utf8')).toBe('binding');
    expect(
      (await readdir(join(folder, 'node_modules'), { recursive: true }))
        .filter((name) => name.endsWith('package.json'))
        .sort(),
    ).toEqual(
      [
        '@mapbox/node-pre-gyp',
        '@tensorflow/tfjs',
        '@tensorflow/tfjs-core',
        '@tensorflow/tfjs-node-gpu',
        'progress',
      ]
        .map((name) => join(name, 'package.json'))
        .sort(),
    );
    // Every user of a shared cache can read it, although the packages are not packed like that.
    for (const file of ['.', 'node_modules/progress', 'node_modules/progress/package.json'])
      expect((await stat(join(folder, file))).mode & 0o044).toBe(0o044);
    const { source, downloads } = JSON.parse(
      await readFile(join(folder, 'manifest.json'), 'utf8'),
    ) as { source: string; downloads: { wanted: string; sha256: string }[] };
    expect(source).toBe('wheel');
    expect(downloads.map(({ wanted }) => wanted)).toEqual([
      ...bothPackages,
      'tensorflow-cpu==2.21.0',
    ]);
    for (const { sha256 } of downloads) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    // The size comes before the download.
    expect(steps[0]).toMatch(/a download of about \d+ MB$/);

    const again: string[] = [];
    expect(await setUp({ onStep: (step) => again.push(step) })).toMatchObject({ how: 'ready' });
    expect(again).toEqual([]);
    expect(await tools.downloads()).toEqual([...bothPackages, 'tensorflow-cpu==2.21.0']);
  });

  it(
    'builds an addon that an earlier version did not build, if there is a compiler',
    { tags: 'linux' },
    async () => {
      await tools.giveAll();
      await setUp();
      const [entry] = await entries();
      const nativePackage = nativePackageIn(join(root, 'cache', 'engine', entry!));
      const addon = addonFile(nativePackage, 'keep_memory');
      const before = await readdir(dirname(addon));
      await rm(addon);
      process.env.CXX = 'missing-compiler';
      expect(await setUp()).toMatchObject({ how: 'ready' });
      expect(existsSync(addon)).toBe(false);
      Reflect.deleteProperty(process.env, 'CXX');
      expect(await setUp()).toMatchObject({ how: 'ready' });
      expect(await readdir(dirname(addon))).toEqual(before);
    },
  );

  it('with gpu, takes the CUDA wheel and its libraries; keeps that build by default; adds the CPU build with gpu: false', async () => {
    await tools.giveAll();
    const built = await setUp({ gpu: true });
    expect(built).toMatchObject({ how: 'built', flavor: 'gpu' });
    const { dependencies } = nativePackageIn((built as { folder: string }).folder);
    // The folders in the run path of TensorFlow's library.
    expect((await readdir(dependencies, { recursive: true })).sort()).toEqual([
      'lib',
      'lib/libtensorflow.so',
      'lib/libtensorflow_cc.so.2',
      'lib/libtensorflow_framework.so',
      'lib/libtensorflow_framework.so.2',
      'nvidia',
      'nvidia/cudnn',
      'nvidia/cudnn/lib',
      'nvidia/cudnn/lib/libcudnn.so.9',
      'nvidia/nccl',
      'nvidia/nccl/lib',
      'nvidia/nccl/lib/libnccl.so.2',
    ]);
    expect(await setUp()).toMatchObject({ how: 'ready', flavor: 'gpu' });
    expect(await setUp({ gpu: false })).toMatchObject({ how: 'built', flavor: 'cpu' });
    expect(await setUp({ gpu: true })).toMatchObject({ how: 'ready', flavor: 'gpu' });
    expect((await tools.downloads()).filter((wanted) => !bothPackages.includes(wanted))).toEqual([
      'tensorflow==2.21.0',
      'nvidia-cudnn-cu12<10.0,>=9.3',
      'nvidia-nccl-cu12<3.0,>=2.27',
      'tensorflow-cpu==2.21.0',
    ]);
  });

  it('downloads nothing if the disk has too little space for everything', async () => {
    await tools.giveAll();
    const steps: string[] = [];
    const space = (free: number): Promise<SetupResult> =>
      setUpEngine(
        { ...options, onStep: (step) => steps.push(step) },
        { ...tools.parts, space: () => Promise.resolve(free) },
      );
    const { missing } = expectWasm(await space(1139));
    expect(missing).toEqual([
      `not enough space in ${join(root, 'cache', 'engine')}: 1.1 GB are needed, 1.1 GB are free; the variable FIXRES_CACHE names another cache folder`,
    ]);
    expect(steps).toEqual([]);
    expect(await tools.downloads()).toEqual([]);
    await expectNothingHalfDone();
    expect(await space(1140)).toMatchObject({ how: 'built' });
  });

  it('falls back to wasm and lists all missing tools', async () => {
    process.execPath = join(root, 'nowhere', 'node');
    const { missing } = expectWasm(await setUp());
    expect(missing).toEqual([
      expect.stringMatching(/^a C\+\+ compiler is missing: /),
      expect.stringMatching(/^npm is missing: /),
      expect.stringMatching(/^python3 is missing: /),
    ]);
    await expectNothingHalfDone();
    expect(await tools.downloads()).toEqual([]);
  });

  it('reports that Python has no pip, and needs no venv', async () => {
    await tools.giveNpm();
    await tools.giveCompiler();
    await tools.program(
      'python3',
      "if (args[0] === '--version') process.exit(0); console.error('No module named pip'); process.exit(1);",
    );
    expect(expectWasm(await setUp()).missing).toEqual([
      expect.stringMatching(/^python3 has no pip: /),
    ]);
    await tools.givePython(
      "if (args.includes('venv')) { console.error('No module named venv'); process.exit(1); }",
    );
    expect(await setUp()).toMatchObject({ how: 'built' });
  });

  it('accepts arguments in CXX, and a path with a space', async () => {
    await tools.giveAll();
    const asked = join(root, 'asked');
    await rename(join(tools.bin, 'g++'), join(tools.bin, 'my g++'));
    await tools.program(
      'ccache',
      `fs.appendFileSync(${JSON.stringify(asked)}, args[0]); if (args[0] !== 'c') process.exit(1); process.exit(require('child_process').spawnSync(${JSON.stringify(join(tools.bin, 'my g++'))}, args.slice(1)).status);`,
    );
    for (const cxx of ['ccache c', join(tools.bin, 'my g++')]) {
      process.env.CXX = cxx;
      expect(await setUp({ clean: true })).toMatchObject({ how: 'built' });
    }
    expect(await readFile(asked, 'utf8')).toMatch(/^c+$/);
  });

  it('downloads damaged files again', async () => {
    await tools.giveAll();
    await tools.giveCompiler('process.exit(1);');
    expectWasm(await setUp());
    const folder = join(root, 'cache', 'engine', 'downloads');
    const wheel = join(
      folder,
      (await readdir(folder)).find((name) => name.endsWith('.whl'))!,
    );
    await writeFile(wheel, (await readFile(wheel)).fill(0));
    await tools.giveCompiler();
    expect(await setUp()).toMatchObject({ how: 'built' });
    expect(await tools.downloads()).toEqual([
      ...bothPackages,
      'tensorflow-cpu==2.21.0',
      'tensorflow-cpu==2.21.0',
    ]);
  });

  it.each(['null', '{}', '{"files":3}', '{"files":[null,{"wanted":1}]}', '{"files":'])(
    'downloads everything if the index is %s',
    async (list) => {
      await tools.giveAll();
      await mkdir(join(root, 'cache', 'engine', 'downloads'), { recursive: true });
      await writeFile(join(root, 'cache', 'engine', 'downloads', 'fixres-engine.json'), list);
      expect(await setUp()).toMatchObject({ how: 'built' });
    },
  );

  it('downloads even if pip is configured to require a virtual environment', async () => {
    await tools.giveAll();
    await tools.givePython(
      "if (process.env.PIP_REQUIRE_VIRTUALENV !== '0') { console.error('ERROR: Could not find an activated virtualenv (required).'); process.exit(3); }",
    );
    process.env.PIP_REQUIRE_VIRTUALENV = '1';
    expect(await setUp()).toMatchObject({ how: 'built' });
  });

  it('reports which build remains if the other cannot be set up', async () => {
    await tools.giveAll();
    await setUp();
    await tools.givePython("console.error('ERROR: no'); process.exit(1);");
    expect(await setUp({ gpu: true })).toMatchObject({
      engine: 'tensorflow',
      how: 'kept',
      flavor: 'cpu',
      missing: ['pip could not download tensorflow==2.21.0: no'],
      hint: 'the CUDA build is not set up, so training runs on the CPU build; pip could not download tensorflow==2.21.0: no',
    });
  });

  it('names the compiler from CXX if it does not run', async () => {
    await tools.giveAll();
    process.env.CXX = 'no-such-compiler';
    expect(expectWasm(await setUp()).missing[0]).toBe(
      'the C++ compiler of the variable CXX, no-such-compiler, does not run',
    );
  });

  it.each([
    [
      'npm',
      "console.error('npm error code ENOTFOUND\\nnpm error network request failed'); process.exit(1);",
      '',
      'the npm registry cannot be reached (ENOTFOUND',
    ],
    [
      'pip',
      '',
      "console.error('WARNING: Retrying: NewConnectionError\\nERROR: No matching distribution found'); process.exit(1);",
      'the Python package index cannot be reached (NewConnectionError',
    ],
  ])(
    'explains the offline setup if %s has no network, and names the proxy without its password',
    async (_name, npm, python, message) => {
      await tools.giveNpm(npm);
      await tools.givePython(python);
      await tools.giveCompiler();
      const [bare] = expectWasm(await setUp()).missing;
      expect(bare).toContain(`${message}): without network, run`);
      expect(bare).toContain('`fixres setup --from FOLDER`');
      process.env.HTTPS_PROXY = 'http://me:secret@proxy.example:3128';
      const [proxied] = expectWasm(await setUp()).missing;
      expect(proxied).toContain(`${message}; HTTPS_PROXY is proxy.example:3128)`);
      expect(proxied).not.toContain('secret');
      await expectNothingHalfDone();
    },
  );

  it('passes the proxy from the environment to npm and pip', async () => {
    const seen = join(root, 'seen');
    const note = `fs.appendFileSync(${JSON.stringify(seen)}, process.env.HTTPS_PROXY + '\\n');`;
    await tools.giveNpm(note);
    await tools.givePython(note);
    await tools.giveCompiler();
    process.env.HTTPS_PROXY = 'http://proxy.example:3128';
    await setUp();
    expect(new Set((await readFile(seen, 'utf8')).trim().split('\n'))).toEqual(
      new Set(['http://proxy.example:3128']),
    );
  });

  it.each([
    [
      'pip has no disk space',
      '',
      "console.error('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device'); process.exit(1);",
      '',
      'No space left on device',
    ],
    [
      'npm is denied access',
      "console.error('npm error code E401\\nnpm error Incorrect or missing password.'); process.exit(1);",
      '',
      '',
      'E401, Incorrect or missing password.',
    ],
    [
      'npm downloads another file',
      "fs.writeFileSync(path.join(args[args.indexOf('--pack-destination') + 1], 'tensorflow-tfjs-node-gpu-4.22.0.tgz'), 'x'); process.exit(100);",
      '',
      '',
      'its checksum differs',
    ],
    [
      'the compiler fails',
      '',
      '',
      "console.error('x.cc:1: error: bad'); process.exit(1);",
      'x.cc:1: error: bad',
    ],
    ['the wheel is not a zip', '', "fs.writeFileSync(WHEEL, 'no zip');", '', 'zip'],
    [
      'the binding does not load',
      '',
      '',
      "fs.writeFileSync(args[args.indexOf('-o') + 1], 'broken'); process.exit(100);",
      'not a binding',
    ],
  ])('leaves nothing partial if %s', async (_name, npm, python, compiler, message) => {
    await tools.giveNpm(npm);
    await tools.givePython(
      python.replace('WHEEL', JSON.stringify(tools.wheelFile('tensorflow-cpu==2.21.0'))),
    );
    await tools.giveCompiler(compiler);
    expect(expectWasm(await setUp()).hint).toContain(message);
    await expectNothingHalfDone();
  });

  it('reports a cache folder that cannot be written', async () => {
    await tools.giveAll();
    await writeFile(join(root, 'file'), '');
    const { missing } = expectWasm(await setUp({ cacheFolder: join(root, 'file', 'cache') }));
    expect(missing).toEqual([
      expect.stringMatching(
        /^cache folder .*cache cannot be written \(ENOTDIR: .*\); the variable FIXRES_CACHE names another$/,
      ),
    ]);
    expect(await tools.downloads()).toEqual([]);
  });

  it("uses the vendor's download if the wheel does not work, without its helper packages", async () => {
    await tools.giveNpm();
    await tools.giveInstallScript(
      `const fs = require('fs'); fs.mkdirSync('deps/lib', { recursive: true }); fs.mkdirSync('lib/napi-v8', { recursive: true });
       fs.writeFileSync('lib/napi-v8/tfjs_binding.node', 'binding');`,
    );
    const result = await setUp();
    expect(result).toMatchObject({ engine: 'tensorflow', how: 'downloaded' });
    const { folder } = result as { folder: string };
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'node_modules']);
    expect(await setUp()).toMatchObject({ how: 'ready' });
  });

  it('shares the work of two concurrent setups', async () => {
    await tools.giveAll();
    await tools.givePython('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);');
    const steps: string[] = [];
    const results = await Promise.all([
      setUp({ onStep: (step) => steps.push(step) }),
      setUp({ onStep: (step) => steps.push(step) }),
    ]);
    expect(results.map((result) => 'how' in result && result.how).sort()).toEqual([
      'built',
      'ready',
    ]);
    expect(await tools.downloads()).toHaveLength(3);
    expect(steps).toContain('another setup is running; waiting for it');
    expect(await entries()).toHaveLength(1);
  });

  it('continues if another process removes the engines while it waits', async () => {
    await tools.giveAll();
    const engine = join(root, 'cache', 'engine');
    await mkdir(join(root, 'cache', 'engine.lock'), { recursive: true });
    const steps: string[] = [];
    const running = setUp({ onStep: (step) => steps.push(step) });
    await expect.poll(() => steps).toEqual(['another setup is running; waiting for it']);
    await rm(engine, { recursive: true, force: true });
    await rm(join(root, 'cache', 'engine.lock'), { recursive: true });
    expect(await running).toMatchObject({ how: 'built' });
  });

  it('stops on abort together with the compiler, and resumes with the finished downloads', async () => {
    await tools.giveAll();
    const started = join(root, 'started');
    // The process that the setup started, not a child of it, so that its end has been awaited.
    await tools.program(
      'g++',
      `if (args.includes('--version')) process.exit(0); fs.writeFileSync(${JSON.stringify(started)}, String(process.pid)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    );
    const controller = new AbortController();
    const running = setUp({ signal: controller.signal });
    await expect.poll(() => existsSync(started)).toBe(true);
    controller.abort();
    await expect(running).rejects.toThrow(
      expect.objectContaining({ name: 'FixresEngineError', code: 'aborted' }) as FixresEngineError,
    );
    expect(() => process.kill(Number(readFileSync(started, 'utf8')), 0)).toThrow();
    await expectNothingHalfDone();
    await tools.giveCompiler();
    expect(await setUp()).toMatchObject({ how: 'built' });
    expect(await tools.downloads()).toHaveLength(3);
  });

  it('removes the temporary folders and the lock of a killed setup', async () => {
    await tools.giveAll();
    await mkdir(join(root, 'cache', 'engine', 'some-key.tmp-abc', 'deps'), { recursive: true });
    await mkdir(join(root, 'cache', 'engine', 'downloads', '.partial-abc'), { recursive: true });
    const lock = join(root, 'cache', 'engine.lock');
    await mkdir(lock);
    await utimes(lock, new Date(0), new Date(0));
    expect(await setUp()).toMatchObject({ how: 'built' });
    expect(await entries()).toHaveLength(1);
  });

  it('rebuilds with clean, and removeNativeEngine removes everything', async () => {
    await tools.giveAll();
    await setUp();
    // macOS leaves this file in folders opened in Finder.
    await writeFile(join(root, 'cache', 'engine', '.DS_Store'), '');
    expect(await setUp({ clean: true })).toMatchObject({ how: 'built' });
    await removeNativeEngine(options);
    expect(await entries()).toEqual([]);
  });
});

describe('setup without network', () => {
  it('takes everything from a filled folder, needs only the compiler, and leaves the folder unchanged', async () => {
    await tools.giveAll();
    const folder = join(root, 'carried');
    for (const gpu of [false, true]) {
      await downloadEngine({ folder, gpu, platform: 'linux-x64' }, tools.parts.packages);
      await rm(join(tools.bin, 'npm'));
      await rm(join(tools.bin, 'python3'));
      const before = await readdir(folder);
      expect(await setUp({ from: folder, gpu })).toMatchObject({
        how: 'built',
        flavor: gpu ? 'gpu' : 'cpu',
      });
      expect(await readdir(folder)).toEqual(before);
      await tools.giveAll();
    }
    // Shared files are downloaded once.
    expect(await tools.downloads()).toHaveLength(6);
  });

  it('asks pip for the wheels of the other platform', async () => {
    await tools.giveAll();
    await tools.givePython(
      `fs.writeFileSync(${JSON.stringify(join(root, 'asked'))}, args.join(' '));`,
    );
    await downloadEngine(
      { folder: join(root, 'carried'), platform: 'linux-arm64' },
      tools.parts.packages,
    );
    const asked = await readFile(join(root, 'asked'), 'utf8');
    expect(asked).toContain('--python-version 3.12 --platform manylinux_2_28_aarch64');
    expect(asked).toContain('--platform manylinux2014_aarch64');
  });

  it('reports what is wrong with the folder', async () => {
    await tools.giveAll();
    await expect(setUp({ from: join(root, 'none') })).rejects.toThrow(
      /^from is '.*none'; it must be a folder that `fixres setup --download` has filled$/,
    );
    const folder = join(root, 'carried');
    await downloadEngine({ folder, platform: 'linux-x64' }, tools.parts.packages);
    expect(expectWasm(await setUp({ from: folder, gpu: true })).missing).toEqual([
      `folder ${folder} is missing files of the GPU build for linux-x64: fill it with \`fixres setup --download FOLDER --gpu --platform linux-x64\``,
    ]);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))!;
    const bytes = await readFile(join(folder, wheel));
    await writeFile(join(folder, wheel), bytes.fill(0, 0, 1));
    expect(expectWasm(await setUp({ from: folder })).missing).toEqual([
      `${join(folder, wheel)} is damaged: its checksum differs from that of the download`,
    ]);
    await expectNothingHalfDone();
  });

  it.each([
    [
      { platform: 'plan9-x64' },
      "platform is 'plan9-x64'; allowed are linux-x64, linux-arm64, darwin-arm64",
    ],
    [
      { platform: 'darwin-arm64', gpu: true },
      'gpu is true for darwin-arm64, but TensorFlow has a CUDA build for linux-x64 only',
    ],
  ])('refuses %o', async (more, message) => {
    await expect(
      downloadEngine({ folder: join(root, 'carried'), ...more }, tools.parts.packages),
    ).rejects.toThrow(expect.objectContaining({ code: 'bad-option', message }) as Error);
    expect(existsSync(join(root, 'carried'))).toBe(false);
  });

  it("refuses a package with a wrong checksum, whatever the folder's index contains", async () => {
    await tools.giveAll();
    const folder = join(root, 'carried');
    await downloadEngine({ folder, platform: 'linux-x64' }, tools.parts.packages);
    const tarball = (await readdir(folder)).find((name) => name.startsWith('progress'))!;
    const bytes = Buffer.from('another program');
    await writeFile(join(folder, tarball), bytes);
    const list = join(folder, 'fixres-engine.json');
    const { files } = JSON.parse(await readFile(list, 'utf8')) as { files: { file: string }[] };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await writeFile(
      list,
      JSON.stringify({
        files: files.map((each) =>
          each.file === tarball ? { ...each, bytes: bytes.length, sha256 } : each,
        ),
      }),
    );
    expect(expectWasm(await setUp({ from: folder })).missing).toEqual([
      `${join(folder, tarball)} is not progress@4.22.0: its checksum differs`,
    ]);
  });

  it('fails if a download fails', async () => {
    await tools.giveAll();
    await tools.givePython("console.error('ERROR: no'); process.exit(1);");
    await expect(
      downloadEngine(
        { folder: join(root, 'carried'), platform: 'linux-x64' },
        tools.parts.packages,
      ),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 'download-failed',
        message: 'pip could not download tensorflow-cpu==2.21.0: no',
      }) as Error,
    );
  });
});
