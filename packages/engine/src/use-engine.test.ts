import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type DeviceChoice, type EngineChoice, engineChoices } from './engine-name.ts';
import { patchStridedPointwiseGradient } from './native/strided-pointwise-gradient.ts';
import { setupNativeEngine, type SetupResult } from './setup/setup-native-engine.ts';
import { requireEngine, useEngine } from './use-engine.ts';

let setup: SetupResult;

beforeAll(async () => {
  // The real setup: takes milliseconds if it was done before.
  setup = await setupNativeEngine();
});

describe('useEngine', () => {
  it('chooses the native engine if it is set up, else wasm, and reports why', async () => {
    const info = await useEngine();
    expect(tf.getBackend()).toBe(info.name);
    if (setup.engine === 'tensorflow') {
      expect(info).toMatchObject({
        name: 'tensorflow',
        versions: { tensorflow: setup.tensorflow },
      });
      expect(info.reason).toMatch(/^native TensorFlow \S+ on the (GPU|CPU; .+)$/);
    } else {
      expect(info).toMatchObject({ name: 'wasm', device: 'cpu' });
      expect(info.reason).toContain('run `fixres setup`');
    }
  });

  it('patches the unsafe native kernel', async () => {
    const info = await useEngine();
    const { kernelFunc } = tf.getKernel('Conv2DBackpropFilter', info.name);
    // A second patch changes nothing.
    patchStridedPointwiseGradient();
    expect(tf.getKernel('Conv2DBackpropFilter', info.name).kernelFunc).toBe(kernelFunc);
  });

  it.each(['wasm', 'cpu'] as const)('uses %s if requested, and prints nothing', async (engine) => {
    const prints = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'log')];
    const info = await useEngine({ engine });
    expect(info).toMatchObject({ name: engine, device: 'cpu' });
    expect(info.reason).toMatch(/as chosen$/);
    expect(tf.tidy(() => tf.add(tf.tensor([1, 2]), 1).dataSync())).toEqual(
      new Float32Array([2, 3]),
    );
    expect(tf.getKernel('Conv2DBackpropFilter', engine)).toBeDefined();
    for (const print of prints) expect(print).not.toHaveBeenCalled();
  });

  it('lists the allowed engines for an unknown name', async () => {
    const attempt = useEngine({ engine: 'webgl' as EngineChoice });
    await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'bad-option' }));
    await expect(attempt).rejects.toThrow(
      `engine is 'webgl'; allowed are ${engineChoices.join(', ')}`,
    );
  });

  it('lists the allowed devices, and the engines that support a GPU', async () => {
    await expect(useEngine({ device: 'tpu' as DeviceChoice })).rejects.toThrow(
      "device is 'tpu'; allowed are auto, cpu, gpu",
    );
    await expect(useEngine({ engine: 'wasm', device: 'gpu' })).rejects.toThrow(
      "device is 'gpu', which engine 'wasm' cannot use; allowed are engines auto and tensorflow",
    );
  });

  it(
    'fails for a GPU without a driver, and uses the CPU on request',
    { tags: 'no-nvidia-driver' },
    async () => {
      expect(() => requireEngine({ device: 'gpu' })).toThrow('no NVIDIA driver is loaded');
      const attempt = useEngine({ device: 'gpu' });
      await expect(attempt).rejects.toThrow(
        expect.objectContaining({ code: 'engine-unavailable' }),
      );
      await expect(attempt).rejects.toThrow(
        "engine 'tensorflow' with device 'gpu' cannot run here: no NVIDIA driver is loaded; install it (`nvidia-smi` shows it then), or use device 'cpu'",
      );
      expect(await useEngine({ device: 'cpu' })).toMatchObject({
        name: setup.engine,
        device: 'cpu',
      });
    },
  );

  it('reports that nothing is set up in an empty cache', async () => {
    const url = new URL('../dist/index.js', import.meta.url).href;
    const program = `import { useEngine } from ${JSON.stringify(url)}; console.log((await useEngine({ cacheFolder: '/nonexistent' })).reason);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program],
      { env: { ...process.env, NODE_OPTIONS: '' } },
    );
    expect(stdout.trim()).toBe(
      'wasm, because the native engine is not set up (run `fixres setup`)',
    );
  });

  it("hides TensorFlow's startup messages", async () => {
    const url = new URL('../dist/index.js', import.meta.url).href;
    const program = `import { useEngine } from ${JSON.stringify(url)}; process.stdout.write((await useEngine()).name);`;
    const env = { ...process.env };
    delete env.TF_CPP_MIN_LOG_LEVEL;
    delete env.NODE_OPTIONS;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', program],
      { env },
    );
    expect(stdout).toBe(setup.engine);
    // The vendor's libraries are older and come without the mute addon.
    const quiet = setup.engine === 'wasm' || setup.tensorflow === '2.21.0';
    expect(quiet ? stderr : '').toBe('');
  });
});
