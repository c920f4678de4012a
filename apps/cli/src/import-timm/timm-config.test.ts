import { describe, expect, it } from 'vitest';
import { readTimmConfig } from './timm-config.ts';

const cfg = {
  input_size: [3, 288, 288],
  interpolation: 'lanczos',
  crop_pct: 0.95,
  crop_mode: 'squash',
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

describe('readTimmConfig', () => {
  it.each([
    ['under pretrained_cfg', { architecture: 'resnet50', pretrained_cfg: cfg }],
    ['at the top, as in early versions', { architecture: 'resnet50', ...cfg }],
  ])('reads the settings %s', (_, json) => {
    expect(readTimmConfig(json, 'f')).toEqual({
      architecture: 'resnet50',
      modified: false,
      classNames: undefined,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
      interpolation: 'lanczos3',
      cropPct: 0.95,
      cropMode: 'squash',
      size: 288,
      heads: undefined,
      pooling: undefined,
    });
  });

  it('knows which model_args the tensors show', () => {
    const read = (args: object): boolean =>
      readTimmConfig({ architecture: 'resnet50', model_args: args, pretrained_cfg: {} }, 'f')
        .modified;
    expect(read({ num_classes: 5, drop_rate: 0.1 })).toBe(false);
    expect(read({ channels: [4, 4, 8, 8] })).toBe(true);
    expect(() => read({ act_layer: 'silu' })).toThrow(
      'f has model_args.act_layer = "silu"; models with this setting are not supported.',
    );
  });

  it('reads the heads and the pooling of a vision transformer', () => {
    const json = {
      global_pool: 'avg',
      model_args: { num_heads: 2, depth: 2 },
      pretrained_cfg: cfg,
    };
    expect(readTimmConfig(json, 'f')).toMatchObject({
      heads: 2,
      pooling: 'average',
      modified: true,
    });
    expect(() => readTimmConfig({ ...json, model_args: { num_heads: 0 } }, 'f')).toThrow(
      'f has model_args.num_heads = 0; it must be a whole number above 0.',
    );
  });

  it.each([
    [{ input_size: [1, 28, 28] }, 'input_size = [1,28,28]; it must be [3, height, width]'],
    [{ input_size: [3, 224, 4] }, 'input_size = [3,224,4]; it must be'],
    [{ input_size: [3, 4, 224] }, 'input_size = [3,4,224]; it must be'],
    [{ input_size: [3, 1e9, 1e9] }, 'input_size = [3,1000000000,1000000000]; it must be'],
    [
      { interpolation: 'random' },
      'interpolation = "random"; it must be bilinear, bicubic, lanczos.',
    ],
    [{ interpolation: 'toString' }, 'interpolation = "toString"; it must be'],
    [{ crop_pct: 0 }, 'crop_pct = 0; it must be a number above 0 and at most 1.'],
    [{ crop_mode: 'corner' }, 'crop_mode = "corner"; it must be center, squash or border.'],
    [{ mean: [0.5] }, 'mean = [0.5]; it must be three numbers.'],
    [{ std: [0.2, 0, 0.2] }, 'std = [0.2,0,0.2]; it must be three numbers above 0.'],
  ])('refuses %j', (settings, message) => {
    const json = { architecture: 'resnet50', pretrained_cfg: { ...cfg, ...settings } };
    expect(() => readTimmConfig(json, 'f')).toThrow(`f has pretrained_cfg.${message}`);
  });

  it('falls back to the pooling in model_args', () => {
    const read = (args: object, top: object = {}): string | undefined =>
      readTimmConfig({ ...cfg, architecture: 'v', ...top, model_args: args }, 'f').pooling;
    expect(read({ global_pool: 'avg' })).toBe('average');
    expect(read({ global_pool: 'avg' }, { global_pool: 'token' })).toBe('token');
    expect(() => read({ global_pool: 'map' })).toThrow(
      'f has model_args.global_pool = "map"; it must be "avg", or "token"',
    );
  });

  it('refuses a pooling other than the average', () => {
    expect(() => readTimmConfig({ ...cfg, global_pool: 'max' }, 'f')).toThrow(
      'f has global_pool = "max"; it must be "avg", or "token" for a vision transformer.',
    );
  });
});
