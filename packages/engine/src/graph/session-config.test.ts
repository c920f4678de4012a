import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { skipWithout } from '@fixres/testing';
import { beforeAll, expect, it } from 'vitest';
import { defaultCacheFolder } from '../cache-folder.ts';
import { findEngine } from '../native/engine-entry.ts';
import { setupNativeEngine } from '../setup/setup-native-engine.ts';

beforeAll(async () => {
  await setupNativeEngine();
});

// TensorFlow's log is read from the outside, so the program runs in a process of its own.
it(
  'TensorFlow rewrites a graph once, with two of its optimisers, as its log says',
  { tags: 'native-engine' },
  async (context) => {
    if (findEngine(defaultCacheFolder(), ['cpu', 'gpu'])?.manifest.source === 'vendor')
      skipWithout("a compiled native engine: the vendor's binding takes no configuration", context);
    const url = (entry: string): string =>
      JSON.stringify(new URL(`../../dist/${entry}`, import.meta.url).href);
    const program = `
    import * as tf from '@tensorflow/tfjs-core';
    import { useEngine } from ${url('index.js')};
    import { compileGraph } from ${url('graph/index.js')};
    await useEngine({ engine: 'tensorflow', device: 'cpu' });
    const weights = tf.variable(tf.ones([4, 4]));
    const graph = compileGraph({
      product: {
        inputs: { x: { shape: [2, 4], dtype: 'float32' } },
        run: ({ x }) => ({ y: tf.relu(tf.add(tf.matMul(x, weights), 1)) }),
      },
    });
    const { y } = graph.run('product', { x: new Float32Array(8).fill(1) });
    console.log(y.dataSync().join());`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program],
      {
        cwd: new URL('../..', import.meta.url),
        env: {
          ...process.env,
          NODE_OPTIONS: '',
          TF_CPP_MIN_LOG_LEVEL: '0',
          TF_CPP_VMODULE: 'meta_optimizer=2',
        },
      },
    );
    expect(stdout.trim()).toBe('5,5,5,5,5,5,5,5');
    const ran = [...stderr.matchAll(/\] (\w+)[^:\n]*: Graph size after/g)].map(([, name]) => name);
    expect(new Set(ran)).toEqual(new Set(['model_pruner', 'remapper', 'tfg_optimizer']));
    const items = stderr.match(/num_optimizers=2/g)!.length;
    expect(ran.filter((name) => name === 'remapper')).toHaveLength(items);
  },
);
