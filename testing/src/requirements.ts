import type {} from 'vitest';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findBrowser } from './find-browser.ts';

/**
 * Something that a test needs and a machine may lack. Such tests have the vitest tag of the same
 * name.
 */
export interface Requirement {
  name: string;
  description: string;
  /**
   * For skipped tests: what they need and how to get it. The test command counts them by this text.
   */
  meta?: { needs: string };
  skip?: boolean;
}

declare module 'vitest' {
  interface TaskMeta {
    needs?: string;
  }
}

const TOOLS = {
  python3: 'Python 3',
  zsh: 'zsh',
  fish: 'fish',
};

/**
 * Vitest tags for the requirements of tests. Tests whose requirement is missing are skipped, and
 * the report states why. In CI, only what an environment variable names may be missing, and what no
 * installation changes: anything that CI installs but does not find must fail.
 */
export function requirements(
  env: NodeJS.ProcessEnv = process.env,
  {
    platform = process.platform,
    hasDriver = existsSync('/proc/driver/nvidia/version'),
  }: { platform?: NodeJS.Platform; hasDriver?: boolean } = {},
): Requirement[] {
  const inCi = Boolean(env.CI);
  const tag = (name: string, description: string, missing: string | undefined): Requirement =>
    missing === undefined
      ? { name, description }
      : { name, description, skip: true, meta: { needs: missing } };
  const tools = Object.entries(TOOLS).map(([name, words]) =>
    tag(
      name,
      `needs ${words}`,
      inCi || isOnPath(name, env) ? undefined : `${words} (no ${name} was found)`,
    ),
  );
  return [
    tag(
      'browser',
      'needs a browser of the Chromium family',
      inCi || findBrowser(env) ? undefined : 'a browser (install Chromium or set CHROME_PATH)',
    ),
    // The test command sets this if the engine could not be set up. Otherwise tests fail and
    // explain how to set it up.
    tag(
      'native-engine',
      'needs the native engine',
      env.FIXRES_TEST_NO_NATIVE_ENGINE && `the native engine (${env.FIXRES_TEST_NO_NATIVE_ENGINE})`,
    ),
    tag(
      'flowers',
      'needs all photos of tf_flowers',
      env.FIXRES_FLOWERS ? undefined : 'the flower photos (set FIXRES_FLOWERS)',
    ),
    tag(
      'python-onnxruntime',
      'needs a Python with onnxruntime and Pillow',
      env.FIXRES_PYTHON_ONNXRUNTIME
        ? undefined
        : 'Python with onnxruntime and Pillow (set FIXRES_PYTHON_ONNXRUNTIME)',
    ),
    tag(
      'python-keras',
      'needs a Python with Keras 3',
      env.FIXRES_PYTHON_KERAS ? undefined : 'Python with Keras 3 (set FIXRES_PYTHON_KERAS)',
    ),
    tag(
      'python-mlflow',
      'needs a Python with MLflow',
      env.FIXRES_PYTHON_MLFLOW ? undefined : 'Python with MLflow (set FIXRES_PYTHON_MLFLOW)',
    ),
    tag('linux', 'needs Linux', platform === 'linux' ? undefined : 'Linux'),
    tag(
      'no-nvidia-driver',
      'needs a machine without an NVIDIA driver',
      hasDriver ? 'a machine without an NVIDIA driver' : undefined,
    ),
    ...tools,
  ];
}

/** The tag of tests for an engine, for tests that run on several engines. */
export function onEngine(engine: string): { tags: string[] } {
  return { tags: engine === 'tensorflow' ? ['native-engine'] : [] };
}

function isOnPath(command: string, { PATH = '' }: NodeJS.ProcessEnv): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
