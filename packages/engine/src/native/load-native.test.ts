import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setupNativeEngine } from '../setup/setup-native-engine.ts';
import { restoreRemovedUtilFunctions } from './load-native.ts';

beforeAll(async () => {
  await setupNativeEngine();
});

/** Runs a program that uses the built engine, in a separate process. */
async function run(program: string): Promise<unknown> {
  const url = new URL('../../dist/index.js', import.meta.url).href;
  const text = `import * as tf from '@tensorflow/tfjs-core'; import { useEngine } from ${JSON.stringify(url)};\n${program}`;
  const cwd = new URL('../..', import.meta.url);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', text],
    { cwd, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  return JSON.parse(stdout);
}

it(
  "registers the backend with the program's tfjs-core and loads no second copy",
  { tags: 'native-engine' },
  async () => {
    const seen = await run(`
    import { createRequire } from 'node:module';
    await useEngine({ engine: 'tensorflow' });
    const files = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify({
      backend: tf.getBackend(),
      sum: [...tf.add([1, 2], 3).dataSync()],
      cores: files.filter((file) => /tfjs-core.dist.tf-core/.test(file)).length,
      others: files.filter((file) => /node-pre-gyp.lib|adm-zip|tfjs.dist.tf.node/.test(file)),
    }));`);
    expect(seen).toEqual({ backend: 'tensorflow', sum: [4, 5], cores: 1, others: [] });
  },
);

it(
  'provides the callbacks of model.fit and the gradients of tfjs-layers',
  { tags: 'native-engine' },
  async () => {
    const seen = await run(`
    await useEngine({ engine: 'tensorflow' });
    const { layers, sequential } = await import('@tensorflow/tfjs-layers');
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
    model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
    const { history } = await model.fit(tf.ones([4, 1]), tf.ones([4, 1]), { epochs: 2, verbose: 0 });
    console.log(JSON.stringify({ improved: history.loss[1] < history.loss[0] }));`);
    expect(seen).toEqual({ improved: true });
  },
);

const util = createRequire(import.meta.url)('node:util') as Record<
  string,
  ((value: unknown) => boolean) | undefined
>;
const originalUtil = { isArray: util.isArray, isNullOrUndefined: util.isNullOrUndefined };

afterEach(() => Object.assign(util, originalUtil));

describe('restoreRemovedUtilFunctions', () => {
  it('restores functions that Node 23 removed', () => {
    delete util.isArray;
    delete util.isNullOrUndefined;
    restoreRemovedUtilFunctions();
    expect([util.isArray!([]), util.isArray!({})]).toEqual([true, false]);
    expect([null, undefined, 0, ''].map((value) => util.isNullOrUndefined!(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('replaces functions that Node 22 deprecates', () => {
    util.isNullOrUndefined = () => {
      throw new Error('deprecated');
    };
    restoreRemovedUtilFunctions();
    expect(util.isNullOrUndefined(null)).toBe(true);
  });
});
