import { beforeAll, describe, expect, it } from 'vitest';
import { setEngine } from '../../test/support/engines.ts';
import { FixresModelsError } from '../errors.ts';
import { isModelName, stemWidths } from '../model-names.ts';
import { createModel, modelFactories } from './create-model.ts';

beforeAll(() => setEngine('cpu'));

describe('createModel', () => {
  it.each(Object.keys(modelFactories))(
    'creates %s under its own name, with the options',
    (name) => {
      const model = createModel(name, { width: 1, classes: 3, inputShape: [32, 32, 3] });
      expect(model.name).toBe(name);
      expect(model.outputs[0]?.shape).toEqual([null, 3]);
      model.dispose();
    },
  );

  it('scales from the published widths', () => {
    expect(Object.keys(stemWidths)).toEqual(Object.keys(modelFactories));
    for (const [name, stem] of [
      ['resnet14v2', 'conv1_conv'],
      ['mobilenetv2', 'Conv1'],
    ] as const) {
      for (const width of [stemWidths[name], 8]) {
        const model = createModel(name, {
          ...(width !== stemWidths[name] && { width }),
          includeTop: false,
        });
        expect(model.getLayer(stem).getWeights()[0]?.shape.at(-1)).toBe(width);
        model.dispose();
      }
    }
  });

  it('initialises the same weights for the same seed, and others for another', () => {
    const kernel = (seed: number): number[] => {
      const model = createModel('resnet14v2', { width: 1, classes: 2, seed });
      const values = [...model.getLayer('conv1_conv').getWeights()[0]!.dataSync()];
      model.dispose();
      return values;
    };
    expect(kernel(0)).toEqual(kernel(0));
    expect(kernel(0)).not.toEqual(kernel(1));
  });

  it('lists the known names in the error', () => {
    let error: unknown;
    try {
      createModel('toString');
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(FixresModelsError);
    expect((error as FixresModelsError).code).toBe('unknown-model');
    expect((error as FixresModelsError).message).toMatch(/"toString".*resnet14v2.*resnet152v2/);
    expect(isModelName('resnet50v2')).toBe(true);
    expect(isModelName('toString')).toBe(false);
  });
});
