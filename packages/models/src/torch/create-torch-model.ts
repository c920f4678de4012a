import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../errors.ts';
import { registerReluGrad } from '../kernels/relu-grad.ts';
// Registers the layers, as in loadModelFolder.
import '../layers/keras-layers.ts';
import type { SavedTensor } from './read-safetensors.ts';
import { StateDict } from './state-dict.ts';
import { torchFamilies } from './torch-families.ts';
import type { TorchFamily } from './torch-family.ts';
import { TorchNetwork } from './torch-network.ts';

/** Architectures with attention inside windows or with relative positions, by their first name. */
const WINDOWED = /^(?:tv_)?(?:swin|max+vit|coatnet|beit|gcvit|vit_relpos|hiera)/;
const RELATIVE = /\brelative_(?:position|coords)|\brel_pos|\.cpb_mlp\./;

export interface CreateTorchModelOptions {
  /** How errors refer to the file. Default `the file`. */
  name?: string;
  /** Name of the architecture in timm or torchvision. Default: that of the tensors. */
  architecture?: string | undefined;
  /**
   * Whether the network may have other depths and widths than the architecture, as `model_args` of
   * timm's `config.json` state. Default false.
   */
  modified?: boolean;
  /** Number of attention heads, which tensors do not show. Default: that of the published size. */
  heads?: number | undefined;
  /** How tokens are pooled. Default: what the tensors show, the class token if there is one. */
  pooling?: 'token' | 'average' | undefined;
  /** Whether a new classifier will replace the file's, which can then be missing. Default false. */
  newClassifier?: boolean;
  /**
   * Whether images can have several classes: the model ends in a sigmoid, not in softmax. Default
   * false.
   */
  multiLabel?: boolean;
}

/** A model created from tensors of PyTorch. */
export interface TorchModel {
  /** With the file's weights, and softmax or sigmoid at its end. The caller disposes it. */
  model: LayersModel;
  /** The published architecture with these tensors, or the family if none has its depths and widths. */
  architecture: string;
  /** Number of classes; undefined without a classifier. */
  classes: number | undefined;
  /**
   * Side in pixels of the images for which the network was made: patch times grid of a vision
   * transformer. Undefined if the tensors do not show it.
   */
  size: number | undefined;
  /** Number of tensors that were loaded. */
  arrays: number;
}

/**
 * Creates the network of timm or torchvision whose tensors these are, with PyTorch's padding and
 * epsilons. Depths, widths and kinds of blocks come from the names and shapes of the tensors. The
 * layers have the paths of PyTorch's modules as names.
 *
 * @param tensors from `readSafetensors`
 * @throws FixresModelsError `unsupported-model` for other networks
 *   and a classifier with one output, `weights-mismatch` naming a
 *   tensor that is missing, left or has another shape, `bad-option` if the tensors leave open
 *   which architecture it is
 */
export function createTorchModel(
  tensors: ReadonlyMap<string, SavedTensor>,
  options: CreateTorchModelOptions = {},
): TorchModel {
  const {
    name: where = 'the file',
    architecture,
    modified = false,
    newClassifier = false,
    multiLabel = false,
    heads,
    pooling,
  } = options;
  refuseRelativePositions(tensors, where);
  const family = torchFamilies.find(({ marker }) => tensors.has(marker));
  if (architecture !== undefined) requireSupported(architecture);
  if (family === undefined) {
    const known = torchFamilies.map(({ name, marker }) => `${name} (tensor "${marker}")`);
    throw new FixresModelsError(
      'unsupported-model',
      `The tensors of ${where} are those of no supported network: ${known.join(', ')}.`,
    );
  }
  if (architecture !== undefined && !family.supports.test(architecture)) {
    throw new FixresModelsError(
      'weights-mismatch',
      `The tensors of ${where} are those of a ${family.name}, not of ${architecture}.`,
    );
  }
  registerReluGrad();
  const state = new StateDict(tensors, where);
  const net = new TorchNetwork(state, multiLabel ? 'sigmoid' : 'softmax');
  try {
    const built = family.build(net, {
      architecture,
      modified,
      headIsOptional: newClassifier,
      heads,
      pooling,
    });
    const isOther = architecture !== undefined && published(architecture) !== built.architecture;
    if (isOther && !modified) {
      throw new FixresModelsError(
        'weights-mismatch',
        `The tensors of ${where} are those of ${isPublished(built.architecture, family) ? built.architecture : `a ${family.name} of other depths or widths`}, not of ${architecture}.`,
      );
    }
    const classes =
      built.output.sourceLayer.getClassName() === 'Dense' ? built.output.shape.at(-1)! : undefined;
    if (classes === 1 && !newClassifier) {
      throw new FixresModelsError(
        'unsupported-model',
        `The classifier of ${where} has one output; at least two are needed. A new classifier can replace it (option "newClassifier", --new-classifier).`,
      );
    }
    const model = net.model(architecture ?? built.architecture, built.image, built.output);
    return {
      model,
      architecture: architecture ?? built.architecture,
      classes,
      size: built.side,
      arrays: state.taken,
    };
  } catch (error) {
    net.dispose();
    throw error;
  }
}

function requireSupported(architecture: string): void {
  if (torchFamilies.some(({ supports }) => supports.test(architecture))) return;
  if (WINDOWED.test(architecture)) {
    throw new FixresModelsError(
      'unsupported-model',
      `Architecture "${architecture}" is not supported: its attention is inside windows, or has relative positions, for one size of images.`,
    );
  }
  const examples = torchFamilies.map(({ examples }) => examples).join(', ');
  throw new FixresModelsError(
    'unsupported-model',
    `Architecture "${architecture}" is not supported; allowed are ${examples}.`,
  );
}

/** Swin, MaxViT, BEiT and their relatives. */
function refuseRelativePositions(tensors: ReadonlyMap<string, SavedTensor>, where: string): void {
  const found = [...tensors.keys()].find((name) => RELATIVE.test(name));
  if (found === undefined) return;
  throw new FixresModelsError(
    'unsupported-model',
    `The network of ${where} has attention with relative positions (tensor "${found}"), as Swin, MaxViT and BEiT, which belong to windows of one size; only position embeddings are supported.`,
  );
}

/** The name without torchvision's prefix in timm. */
function published(architecture: string): string {
  return architecture.replace(/^tv_/, '');
}

function isPublished(architecture: string, { supports }: TorchFamily): boolean {
  return supports.test(architecture);
}
