import type { ExportFormat } from './export-format.ts';

/** All formats, one per line, by their `--format` name. */
export const exportFormats: ReadonlyMap<string, ExportFormat> = new Map<string, ExportFormat>([
  ['tfjs', { summary: 'layers format', load: () => import('./layers-format.ts') }],
  [
    'keras',
    {
      summary: 'model.keras',
      choices: ['withPreprocessing'],
      load: () => import('./keras.ts'),
    },
  ],
  ['keras-weights', { summary: 'model.weights.h5', load: () => import('./keras-weights.ts') }],
  [
    'onnx',
    {
      summary: 'model.onnx',
      choices: ['layout', 'withPreprocessing', 'precision', 'kernelBits'],
      load: () => import('./onnx.ts'),
    },
  ],
  [
    'tflite',
    { summary: 'model.tflite', choices: ['precision'], load: () => import('./tflite.ts') },
  ],
  [
    'savedmodel',
    {
      summary: 'TensorFlow SavedModel',
      choices: ['withPreprocessing', 'withDecoder'],
      load: () => import('./saved-model.ts'),
    },
  ],
]);
