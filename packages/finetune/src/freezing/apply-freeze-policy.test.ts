import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  forward,
  gap,
  labels,
  layer,
  names,
  nestedModel,
  residualModel,
  values,
  wave,
  write,
} from '../../test/models.ts';
import { FixresFinetuneError } from '../errors.ts';
import type { FreezePolicyName } from '../freeze-policy-names.ts';
import { applyFreezePolicy } from './apply-freeze-policy.ts';
import { freezePolicies } from './freeze-policies.ts';
import type { FreezePolicy } from './freeze-policy.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const resnetGroups = [
  { name: 'stem', layers: ['image', 'scale', 'stem'] },
  { name: 'stage1', layers: ['b1_bn', 'b1_relu', 'b1_conv', 'b1_add'] },
  { name: 'stage2', layers: ['b2_bn', 'b2_relu', 'b2_conv', 'b2_add'] },
];

const parametersOnly: FreezePolicy = {
  name: 'parameters',
  rules: [{ match: { role: 'last-norm' }, mode: 'parameters-only' }],
  otherwise: 'freeze',
};

async function fit(model: tfl.LayersModel): Promise<void> {
  model.compile({ optimizer: tf.train.sgd(0.5), loss: 'categoricalCrossentropy' });
  const [x, y] = [wave([6, 6, 6, 2]), labels(6, 3)];
  await model.fit(x, y, { epochs: 2, batchSize: 3, shuffle: false });
  tf.dispose([x, y]);
}

describe('presets on a residual network', () => {
  const affine = ['post_bn/gamma', 'post_bn/beta'];
  const statistics = ['post_bn/moving_mean', 'post_bn/moving_variance'];
  const classifier = ['predictions/kernel', 'predictions/bias'];
  const otherNorms = ['b1_bn', 'b2_bn'];
  const of = (layers: string[], weights: string[]): string[] =>
    layers.flatMap((name) => weights.map((w) => `${name}/${w}`));
  const everyStatistic = [...of(otherNorms, ['moving_mean', 'moving_variance']), ...statistics];
  const stage2 = ['b2_bn/gamma', 'b2_bn/beta', 'b2_conv/kernel'];

  const expected: Record<FreezePolicyName, { trains: string[]; moves: string[] }> = {
    classifier: { trains: classifier, moves: [] },
    'classifier+last-bn': { trains: [...affine, ...classifier], moves: statistics },
    'classifier+last-bn-stats': { trains: classifier, moves: statistics },
    'last-stage': {
      trains: [...stage2, ...affine, ...classifier],
      moves: [...of(['b2_bn'], ['moving_mean', 'moving_variance']), ...statistics],
    },
    'all-bn': {
      trains: [...of(otherNorms, ['gamma', 'beta']), ...affine, ...classifier],
      moves: everyStatistic,
    },
    all: {
      trains: [
        ...of(['stem', 'b1_conv', 'b2_conv'], ['kernel']),
        ...classifier,
        ...of([...otherNorms, 'post_bn'], ['gamma', 'beta']),
      ],
      moves: everyStatistic,
    },
    'bn-recalibrate': { trains: [], moves: everyStatistic },
  };

  for (const name of Object.keys(expected) as FreezePolicyName[]) {
    it(`${name} declares its variables, and fit changes exactly these`, async () => {
      const model = residualModel();
      const handle = await applyFreezePolicy(model, name, { groups: resnetGroups });
      const { trains, moves } = expected[name];
      expect(names(handle.trainable).toSorted()).toEqual(trains.toSorted());
      expect(names(handle.moving).toSorted()).toEqual(moves.toSorted());
      expect(names(model.trainableWeights).toSorted()).toEqual(trains.toSorted());
      expect(handle.trainable.length + handle.moving.length + handle.frozen.length).toBe(
        model.weights.length,
      );
      expect(handle.counts.total).toBe(model.countParams());

      if (trains.length === 0) {
        await handle.recalibrate([wave([4, 6, 6, 2])]);
      } else {
        await fit(model);
      }
      const proof = await handle.verify({ strict: true });
      expect(proof.changed.toSorted()).toEqual([...trains, ...moves].toSorted());
      expect(proof).toMatchObject({ ok: true, unchanged: [], violations: [], policy: name });
    });
  }
});

describe('a frozen stock batch normalisation', () => {
  it('uses and keeps its running statistics when the model runs in training mode', async () => {
    const model = residualModel();
    const norm = layer(model, 'b1_bn');
    expect(Reflect.get(norm, 'frozenAware')).toBeUndefined();
    const x = wave([3, 6, 6, 4]);
    const batch = norm.apply(x, { training: true }) as tf.Tensor;
    const before = values(model);

    norm.trainable = false;
    const stock = norm.apply(x, { training: true }) as tf.Tensor;
    expect(Array.from(stock.dataSync())).toEqual(Array.from(batch.dataSync()));
    expect(values(model)).not.toEqual(before);

    const moved = values(model);
    await applyFreezePolicy(model, 'classifier');
    const frozen = norm.apply(x, { training: true }) as tf.Tensor;
    const expected = norm.apply(x, { training: false }) as tf.Tensor;
    expect(Array.from(frozen.dataSync())).toEqual(Array.from(expected.dataSync()));
    expect(Array.from(frozen.dataSync())).not.toEqual(Array.from(batch.dataSync()));
    expect(values(model)).toEqual(moved);
    tf.dispose([x, batch, stock, frozen, expected]);
  });

  it('makes the model in training mode equal to inference if every norm is frozen', async () => {
    const model = residualModel();
    await applyFreezePolicy(model, 'classifier');
    const x = wave([4, 6, 6, 2]);
    const training = model.apply(x, { training: true }) as tf.Tensor;
    const inference = model.apply(x, { training: false }) as tf.Tensor;
    expect(Array.from(training.dataSync())).toEqual(Array.from(inference.dataSync()));
    tf.dispose([x, training, inference]);
  });

  it('normalises with the batch under statistics-only, with gamma and beta fixed', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier+last-bn-stats');
    const norm = layer(model, 'post_bn');
    const x = wave([5, 6, 6, 4]);
    const y = norm.apply(x, { training: true }) as tf.Tensor;
    const [gamma, beta] = norm.weights.map((variable) => variable.read());
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const expected = tf.batchNorm(x, mean, variance, beta, gamma, 1e-3);
    expect(gap(y, expected)).toBeLessThan(1e-5);
    expect((await handle.verify()).changed).toEqual([
      'post_bn/moving_mean',
      'post_bn/moving_variance',
    ]);
  });

  it('trains gamma and beta under parameters-only, and keeps and uses its statistics', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, parametersOnly);
    const { trainable, moving } = handle;
    expect(names(trainable)).toEqual(['post_bn/gamma', 'post_bn/beta']);
    expect(moving).toEqual([]);
    const norm = layer(model, 'post_bn');
    const x = wave([5, 6, 6, 4]);
    const y = norm.apply(x, { training: true }) as tf.Tensor;
    const [gamma, beta, mean, variance] = norm.weights.map((variable) => variable.read());
    const expected = tf.batchNorm(x, mean!, variance!, beta, gamma, 1e-3);
    expect(gap(y, expected)).toBeLessThan(1e-6);
    await fit(model);
    expect((await handle.verify({ strict: true })).changed).toEqual([
      'post_bn/gamma',
      'post_bn/beta',
    ]);
    expect(handle.estimateStatistics(['train', 'statistics-only', 'recalibrate']).norms).toEqual(
      [],
    );
  });
});

describe('a layer with frozenAware', () => {
  class AwareNorm extends tfl.layers.Layer {
    static className = 'AwareNorm';
    readonly frozenAware = true;
    private mean: tfl.LayerVariable | undefined;
    override build(): void {
      this.mean = this.addWeight(
        'moving_mean',
        [1],
        'float32',
        tfl.initializers.zeros(),
        undefined,
        false,
      );
      this.built = true;
    }
    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      if (kwargs.training === true && this.trainable) this.mean?.write(tf.reshape(tf.mean(x), [1]));
      return tf.clone(x);
    }
  }

  it('keeps its own call', async () => {
    const aware = new AwareNorm({ name: 'aware' });
    const [before, after] = [
      tfl.layers.dense({ units: 2, inputShape: [3] }),
      tfl.layers.dense({ units: 2 }),
    ];
    const model = tfl.sequential({ layers: [before, aware, after] });
    const handle = await applyFreezePolicy(model, 'classifier');
    expect(Object.hasOwn(aware, 'call')).toBe(false);
    forward(model, wave([2, 3]), true);
    expect((await handle.verify({ strict: true })).changed).toEqual([]);
  });
});

describe('nested models and shared layers', () => {
  it('have their last norm and classifier found behind a nested trunk, and fit changes nothing else', async () => {
    const model = nestedModel();
    const handle = await applyFreezePolicy(model, 'classifier+last-bn');
    expect(names(handle.trainable)).toEqual([
      'head_bn/gamma',
      'head_bn/beta',
      'logits/kernel',
      'logits/bias',
    ]);
    await fit(model);
    const proof = await handle.verify({ strict: true });
    expect(proof.changed).toHaveLength(6);
  });

  it('can be addressed by path, and the name of a nested model stands for all its layers', async () => {
    const model = nestedModel();
    const policy: FreezePolicy = {
      name: 'mine',
      rules: [
        { match: { layer: 'trunk/bn2' }, mode: 'statistics-only' },
        { match: { layer: 'trunk' }, mode: 'freeze' },
      ],
      otherwise: 'train',
    };
    const handle = await applyFreezePolicy(model, policy);
    expect(Object.fromEntries(handle.layers.map(({ path, mode }) => [path, mode]))).toMatchObject({
      'trunk/conv1': 'freeze',
      'trunk/bn1': 'freeze',
      'trunk/bn2': 'statistics-only',
      shared: 'train',
      head_bn: 'train',
    });
    await fit(model);
    const { changed, unchanged } = await handle.verify({ strict: true });
    expect(changed).toContain('trunk/bn2/moving_mean');
    expect(changed.filter((name) => name.startsWith('trunk/'))).toHaveLength(2);
    expect(unchanged).toEqual([]);
    expect(handle.layers.filter(({ path }) => path === 'shared')).toHaveLength(1);
  });

  it('become trainable inside a nested model that was not, and the model is restored later', async () => {
    const model = nestedModel();
    const trunk = layer(model, 'trunk');
    layer(model, 'conv1').trainable = false;
    trunk.trainable = false;
    const flags = model.weights.map((variable) => variable.trainable);
    const handle = await applyFreezePolicy(model, 'all');
    expect(model.trainableWeights).toHaveLength(14);
    handle.restore();
    expect(trunk.trainable).toBe(false);
    expect(layer(model, 'conv1').trainable).toBe(false);
    expect(model.weights.map((variable) => variable.trainable).toSorted()).toEqual(
      flags.toSorted(),
    );
    expect(model.trainableWeights).toHaveLength(6);
  });

  it('have a norm frozen inside a TimeDistributed wrapper', async () => {
    const norm = tfl.layers.batchNormalization({ name: 'inner_bn' });
    const model = tfl.sequential({
      layers: [
        tfl.layers.timeDistributed({ layer: norm, inputShape: [3, 4], name: 'each' }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 2, name: 'out' }),
      ],
    });
    const handle = await applyFreezePolicy(model, 'classifier');
    expect(handle.layers.map(({ path }) => path)).toContain('each/inner_bn');
    forward(model, wave([4, 3, 4]), true);
    expect((await handle.verify({ strict: true })).changed).toEqual([]);
  });
});

describe('a sequential model', () => {
  it('stays under the policy although compile resets the flags of its weights', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 2], name: 'conv' }),
        tfl.layers.batchNormalization({ name: 'bn' }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3, activation: 'softmax', name: 'out' }),
      ],
    });
    const handle = await applyFreezePolicy(model, 'classifier+last-bn-stats');
    await fit(model);
    const proof = await handle.verify({ strict: true });
    expect(proof.changed.toSorted()).toEqual([
      'bn/moving_mean',
      'bn/moving_variance',
      'out/bias',
      'out/kernel',
    ]);
    handle.restore();
    expect(model.trainableWeights).toHaveLength(6);
  });
});

describe('a custom loop', () => {
  it('gets gradients only for handle.gradientVariables, even without a list of variables', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier+last-bn');
    const [x, y] = [wave([4, 6, 6, 2]), labels(4, 3)];
    const loss = (): tf.Scalar => {
      const p = model.apply(x, { training: true }) as tf.Tensor;
      return tf.neg(tf.mean(tf.sum(tf.mul(y, tf.log(p)), -1)));
    };
    const { value, grads } = tf.variableGrads(loss, handle.gradientVariables);
    expect(Object.keys(grads)).toHaveLength(4);
    tf.dispose([value, grads]);
    const optimizer = tf.train.sgd(0.1);
    optimizer.minimize(loss);
    optimizer.dispose();
    const proof = await handle.verify({ strict: true });
    expect(proof.unchanged).toEqual([]);
    expect(proof.changed).toHaveLength(6);
    tf.dispose([x, y]);
  });
});

describe('verify', () => {
  it('names every frozen variable that was tampered with', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier');
    const [kernel] = layer(model, 'stem').weights;
    const [, , mean] = layer(model, 'b2_bn').weights;
    const flipped = kernel!.read().dataSync().slice();
    flipped[3] = (flipped[3] ?? 0) + 1e-7;
    write(kernel!, flipped);
    write(mean!, [0, 0, 0, 0]);

    const proof = await handle.verify();
    expect(proof.ok).toBe(false);
    expect(proof.violations).toEqual(['stem/kernel', 'b2_bn/moving_mean']);
    const error: unknown = await handle.assertFrozen().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FixresFinetuneError);
    expect(error).toMatchObject({
      code: 'frozen-variable-changed',
      names: ['stem/kernel', 'b2_bn/moving_mean'],
    });
    expect(String(error)).toContain('2 frozen variables changed: stem/kernel, b2_bn/moving_mean');
    await expect(handle.verify({ strict: true })).rejects.toMatchObject({
      code: 'frozen-variable-changed',
    });
  });

  it('lists variables that should have changed but did not', async () => {
    const handle = await applyFreezePolicy(residualModel(), 'classifier+last-bn-stats');
    const { ok, unchanged } = await handle.verify({ strict: true });
    expect(ok).toBe(true);
    expect(unchanged).toEqual([
      'post_bn/moving_mean',
      'post_bn/moving_variance',
      'predictions/kernel',
      'predictions/bias',
    ]);
  });

  it('hashes with SHA-256 of the little-endian floats', async () => {
    const only = tfl.layers.dense({
      units: 1,
      inputShape: [1],
      name: 'only',
      biasInitializer: 'ones',
    });
    const model = tfl.sequential({ layers: [only] });
    const handle = await applyFreezePolicy(model, 'all');
    // The digest of the bytes 00 00 80 3f, from sha256sum.
    expect(handle.hashes['only/bias']).toBe(
      'e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c',
    );
  });

  it('names a disposed variable', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier');
    model.dispose();
    await expect(handle.verify()).rejects.toMatchObject({
      code: 'variable-disposed',
      names: ['stem/kernel'],
    });
  });
});

describe('restore', () => {
  it('restores flags and calls, once', async () => {
    const model = residualModel();
    const before = model.weights.map(({ name, trainable }) => [name, trainable]);
    const handle = await applyFreezePolicy(model, 'classifier+last-bn-stats');
    expect(Object.hasOwn(layer(model, 'b1_bn'), 'call')).toBe(true);
    handle.restore();
    handle.restore();
    expect(handle.active).toBe(false);
    expect(model.weights.map(({ name, trainable }) => [name, trainable])).toEqual(before);
    expect(Object.hasOwn(layer(model, 'b1_bn'), 'call')).toBe(false);
    await expect(handle.recalibrate([])).rejects.toMatchObject({ code: 'policy-not-active' });
  });

  it('does not break a wrapper that somebody put around the replaced call', async () => {
    const model = residualModel();
    const handle = await applyFreezePolicy(model, 'classifier');
    const norm = layer(model, 'b1_bn');
    // Called below with the layer as `this`, as a profiler would do.
    // oxlint-disable-next-line typescript/unbound-method
    const ours = norm.call;
    let calls = 0;
    norm.call = (inputs, kwargs) => {
      calls++;
      return ours.call(norm, inputs, kwargs);
    };
    handle.restore();
    forward(model, wave([2, 6, 6, 2]), true);
    expect(calls).toBe(1);
    expect((await handle.verify()).violations).toContain('b1_bn/moving_mean');
  });

  it('happens automatically for the next policy on the same model', async () => {
    const model = residualModel();
    const first = await applyFreezePolicy(model, 'classifier');
    const second = await applyFreezePolicy(model, 'all-bn');
    expect(first.active).toBe(false);
    expect(names(second.trainable)).toContain('b1_bn/gamma');
    expect(model.trainableWeights).toHaveLength(8);
    second.restore();
    expect(model.trainableWeights).toHaveLength(11);
  });

  it('is required before another model takes over shared layers', async () => {
    const model = residualModel();
    const features = tfl.model({
      inputs: model.inputs,
      outputs: layer(model, 'pool').output,
      name: 'features',
    });
    await applyFreezePolicy(model, 'classifier');
    await expect(applyFreezePolicy(features, 'all')).rejects.toMatchObject({
      code: 'layer-in-use',
    });
    expect(names(model.trainableWeights)).toEqual(['predictions/kernel', 'predictions/bias']);
  });

  it.each(['classifier+last-bn', 'classifier+last-bn-stats'] as const)(
    '%s trains the classifier alone in a model without norms',
    async (policy) => {
      const model = tfl.sequential({
        layers: [
          tfl.layers.dense({ units: 3, inputShape: [2], name: 'hidden' }),
          tfl.layers.dense({ units: 2, name: 'head' }),
        ],
      });
      const { trainable, moving } = await applyFreezePolicy(model, policy);
      expect(trainable.map(({ originalName }) => originalName)).toEqual([
        'head/kernel',
        'head/bias',
      ]);
      expect(moving).toEqual([]);
    },
  );

  it('is not needed after an error, which leaves the model unchanged', async () => {
    const model = residualModel();
    const first = await applyFreezePolicy(model, 'classifier');
    await expect(applyFreezePolicy(model, 'last-stage')).rejects.toMatchObject({
      code: 'rule-matches-nothing',
    });
    expect(first.active).toBe(true);
    expect(model.trainableWeights).toHaveLength(2);
  });
});

describe('tensors', () => {
  it('are not leaked by apply, verify, recalibrate and restore', async () => {
    const model = residualModel();
    const x = wave([4, 6, 6, 2]);
    const before = tf.memory().numTensors;
    for (const name of Object.keys(freezePolicies) as FreezePolicyName[]) {
      const handle = await applyFreezePolicy(model, name, { groups: resnetGroups });
      if (name === 'bn-recalibrate') await handle.recalibrate([x, x]);
      await handle.verify();
      handle.restore();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('toString', () => {
  it('prints totals, and one line per layer with variables', async () => {
    const handle = await applyFreezePolicy(nestedModel(), 'classifier+last-bn-stats');
    expect(handle.toString()).toBe(
      [
        'classifier+last-bn-stats on nested: 15 of 248 parameters train, 8 statistics move, 225 frozen',
        '                 trunk/',
        'freeze             conv1  Conv2D               57',
        'freeze             bn1    BatchNormalization    6  + 6 statistics',
        'freeze             conv2  Conv2D              112',
        'freeze             bn2    BatchNormalization    8  + 8 statistics',
        'freeze           shared   Dense                20',
        'statistics-only  head_bn  BatchNormalization    8  + 8 statistics',
        'train            logits   Dense                15',
      ].join('\n'),
    );
  });
});
