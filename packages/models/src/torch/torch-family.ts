import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TorchNetwork } from './torch-network.ts';

/** What the builder of a family needs to know besides the tensors. */
export interface TorchBuildOptions {
  /** Name of the architecture, if it is known: one that the family supports. */
  architecture: string | undefined;
  /** Whether the network may have other depths and widths than the architecture. */
  modified: boolean;
  /** Whether a file without a classifier gives a model of the pooled features. */
  headIsOptional: boolean;
  /** Number of attention heads, if it is known. */
  heads: number | undefined;
  /** Pooling of tokens, if it is known. */
  pooling: 'token' | 'average' | undefined;
}

/** A network that is not a model yet. */
export interface BuiltNetwork {
  image: SymbolicTensor;
  output: SymbolicTensor;
  /** Name of the published architecture with these tensors, or of the family. */
  architecture: string;
  /** Side of the images in pixels for which the network was made, if the tensors show it. */
  side?: number;
}

/** A family of architectures whose tensors have the same names. */
export interface TorchFamily {
  name: string;
  /** A tensor that every network of the family has, and no other. */
  marker: string;
  /** Names of the architectures that are computed as timm and torchvision do. */
  supports: RegExp;
  /** Some of these names, for error messages. */
  examples: string;
  /** @throws FixresModelsError `weights-mismatch`, `bad-option` */
  build: (net: TorchNetwork, options: TorchBuildOptions) => BuiltNetwork;
}
