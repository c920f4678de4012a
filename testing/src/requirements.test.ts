import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { requirements } from './requirements.ts';

const missing = (
  env: NodeJS.ProcessEnv,
  machine: Parameters<typeof requirements>[1] = { platform: 'linux', hasDriver: false },
): Record<string, string> =>
  Object.fromEntries(
    requirements(env, machine).flatMap(({ name, skip, meta }) =>
      skip ? [[name, meta!.needs]] : [],
    ),
  );

it('skips tests that this machine cannot run, and reports why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-testing-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'zsh'), '');
  await writeFile(join(folder, 'fish'), '');
  await chmod(join(folder, 'fish'), 0o755);
  const bare = { PATH: folder, CHROME_PATH: '/some/where/chrome' };
  expect(missing(bare)).toEqual({
    flowers: 'the flower photos (set FIXRES_FLOWERS)',
    'python-onnxruntime': 'Python with onnxruntime and Pillow (set FIXRES_PYTHON_ONNXRUNTIME)',
    'python-keras': 'Python with Keras 3 (set FIXRES_PYTHON_KERAS)',
    'python-mlflow': 'Python with MLflow (set FIXRES_PYTHON_MLFLOW)',
    python3: 'Python 3 (no python3 was found)',
    zsh: 'zsh (no zsh was found)',
  });
  expect(
    missing({
      ...bare,
      FIXRES_FLOWERS: 'flowers.tgz',
      FIXRES_PYTHON_ONNXRUNTIME: '/some/where/python3',
      FIXRES_PYTHON_KERAS: '/some/where/python3',
      FIXRES_PYTHON_MLFLOW: '/some/where/python3',
      FIXRES_TEST_NO_NATIVE_ENGINE: 'no C++ compiler was found',
    }),
  ).toEqual({
    'native-engine': 'the native engine (no C++ compiler was found)',
    python3: 'Python 3 (no python3 was found)',
    zsh: 'zsh (no zsh was found)',
  });
});

it('skips tests of Linux elsewhere, and those without a driver where there is one', () => {
  expect(missing({ CI: 'true' }, { platform: 'darwin', hasDriver: true })).toMatchObject({
    linux: 'Linux',
    'no-nvidia-driver': 'a machine without an NVIDIA driver',
  });
});

it('skips only what a variable names in CI', () => {
  expect(Object.keys(missing({ CI: 'true', PATH: '' }))).toEqual([
    'flowers',
    'python-onnxruntime',
    'python-keras',
    'python-mlflow',
  ]);
});

it('never uses a cached result from a machine that lacked something else', async () => {
  const { tasks } = JSON.parse(
    await readFile(join(import.meta.dirname, '..', '..', 'turbo.json'), 'utf8'),
  ) as { tasks: Record<string, { env?: string[] }> };
  const ofTests = Object.keys(tasks).filter((name) => /(^|#)test$/.test(name));
  expect(ofTests.length).toBeGreaterThan(1);
  // The task of one package inherits nothing from that of all.
  for (const name of ofTests)
    expect(tasks[name]!.env, name).toEqual(
      expect.arrayContaining(['CI', 'CHROME_PATH', 'FIXRES_TEST_*']),
    );
});
