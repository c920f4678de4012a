/** How one published package is used alone, in an empty project. */
export interface PackageCase {
  /** Packages that the README asks to install in addition. */
  beside: readonly string[];
  /** Packages of this workspace that its README uses. */
  siblings: readonly string[];
  /** The output of the README's programs, in order. */
  prints: readonly (string | RegExp)[];
  /** The entries that need no Node: Vite builds a page with them. */
  pageEntries?: readonly string[];
  /** Whether its programs use the native engine. */
  setsUp?: boolean;
  /** Its parent folder. Default `packages`. */
  in?: 'apps';
  /** Folders that the README's programs need in the project. */
  folders?: readonly string[];
  /** Files that it must contain. Default: those of a package with one entry. */
  ships?: readonly string[];
}

/** By the name below the scope `@fixres`. The package `fixres` has tests of its own. */
export const packageCases: Readonly<Record<string, PackageCase>> = {
  data: {
    beside: ['sharp'],
    siblings: [],
    prints: [/^392\n/, /^\[ 8, 64, 64, 3 \]/],
    pageEntries: ['.', './names'],
  },
  engine: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'],
    setsUp: true,
    siblings: [],
    prints: ['', '4, 4, 4, 4, 4, 4, 4, 4, 4', /^Tensor\n {4}1\.5\nTensor\n {4}\[1, 2\]\n/],
    pageEntries: ['./wasm', './names'],
  },
  finetune: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'],
    siblings: [],
    prints: [
      /changed: bn2\/gamma, bn2\/beta, bn2\/moving_mean, bn2\/moving_variance, predictions\/kernel, predictions\/bias\n$/,
      /^Tensor\n/,
      /feature maps \[6, 6, 4\] of 16 views/,
    ],
    pageEntries: ['.', './settings', './names'],
  },
  models: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'],
    siblings: [],
    prints: [/Tensor/, /^128 .*\n224 299500672 /, /predictions\/kernel.*\[128, 5\]/s],
    pageEntries: ['.', './logits', './names', './onnx', './tflite'],
  },
  runner: {
    beside: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
      '@tensorflow/tfjs-backend-cpu',
      'sharp',
    ],
    setsUp: true,
    siblings: ['data', 'engine', 'models', 'finetune', 'runs'],
    prints: [/^small: \d+ of 8/, '4 128', /^\d\.\d+\nTensor\n/],
    pageEntries: ['.', './training'],
  },
  runs: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', 'sharp'],
    siblings: ['data', 'engine', 'models', 'finetune'],
    prints: [
      /not distinguishable/,
      /^0\.666/,
      /^small: sampledBoundingBoxCrop@128, untuned: shortSideCrop\+flip@\d+, fixres: shortSideCrop\+flip@\d+/,
    ],
    pageEntries: ['.', './report', './plain-text', './events', './metrics', './names'],
  },
  dashboard: {
    in: 'apps',
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
    siblings: ['data', 'engine', 'models', 'finetune', 'runs'],
    prints: [/^http:\/\/127\.0\.0\.1:\d+\/\n$/],
    folders: ['runs'],
    ships: [
      'dist/server/index.js',
      'dist/server/index.d.ts',
      'dist/client/index.html',
      'dist/client/third-party-notices.md',
      'server/index.ts',
      'shared/protocol.ts',
    ],
  },
};
