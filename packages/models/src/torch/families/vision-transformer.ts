import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../../errors.ts';
import type { BuiltNetwork, TorchBuildOptions, TorchFamily } from '../torch-family.ts';
import type { AttentionNames, TorchNetwork } from '../torch-network.ts';

/** Paths of modules and names of parameters in one of the libraries. */
interface Names {
  patches: string;
  positions: string;
  /** Parameters of the prefix tokens, in their order. */
  prefix: readonly string[];
  /** Prefix of the paths of blocks, up to their number. */
  blocks: string;
  count: (net: TorchNetwork) => number;
  block: {
    norms: readonly [string, string];
    attention: string;
    /** In one of these forms. */
    mlp: readonly (readonly [expand: string, project: string])[];
    scales: readonly [string, string];
  };
  attention: AttentionNames;
  norm: string;
  /** Normalisation behind the pooling. */
  poolNorm: string;
  classifier: string;
}

const timm: Names = {
  patches: 'patch_embed.proj',
  positions: 'pos_embed',
  prefix: ['cls_token', 'reg_token'],
  blocks: 'blocks.',
  count: ({ state }) => state.count('blocks'),
  block: {
    norms: ['norm1', 'norm2'],
    attention: 'attn',
    mlp: [['mlp.fc1', 'mlp.fc2']],
    scales: ['ls1', 'ls2'],
  },
  attention: { weight: 'qkv.weight', bias: 'qkv.bias', output: 'proj' },
  norm: 'norm',
  poolNorm: 'fc_norm',
  classifier: 'head',
};

const torchvision: Names = {
  patches: 'conv_proj',
  positions: 'encoder.pos_embedding',
  prefix: ['class_token'],
  blocks: 'encoder.layers.encoder_layer_',
  count: ({ state }) => {
    let count = 0;
    while (state.hasModule(`encoder.layers.encoder_layer_${count}`)) count += 1;
    return count;
  },
  block: {
    norms: ['ln_1', 'ln_2'],
    attention: 'self_attention',
    // The second form is that of torchvision's files of weights, which it renames when it reads them.
    mlp: [
      ['mlp.0', 'mlp.3'],
      ['mlp.linear_1', 'mlp.linear_2'],
    ],
    scales: ['ls_1', 'ls_2'],
  },
  attention: { weight: 'in_proj_weight', bias: 'in_proj_bias', output: 'out_proj' },
  norm: 'encoder.ln',
  poolNorm: 'fc_norm',
  classifier: 'heads.head',
};

/** Published sizes by channels and blocks: the name in timm, that in torchvision, and the heads. */
const published: Readonly<Record<string, { timm: string; torchvision?: string; heads: number }>> = {
  '192 x 12': { timm: 'tiny', heads: 3 },
  '384 x 12': { timm: 'small', heads: 6 },
  '512 x 12': { timm: 'medium', heads: 8 },
  '768 x 12': { timm: 'base', torchvision: 'b', heads: 12 },
  '1024 x 24': { timm: 'large', torchvision: 'l', heads: 16 },
  '1280 x 32': { timm: 'huge', torchvision: 'h', heads: 16 },
};

const EPSILON = 1e-6;

/**
 * Vision transformers (Dosovitskiy et al. 2021) in timm's names, with DeiT and DeiT III (Touvron et
 * al. 2021, 2022): also with layer scale, register tokens, and positions for patches only.
 */
export const visionTransformerFamily: TorchFamily = {
  name: 'vision transformer',
  marker: 'blocks.0.attn.qkv.weight',
  supports:
    /^(?:(?:vit|deit|deit3)_(?:tiny|small|medium|base|large|huge)_patch\d{1,2}_\d{3}|vit_(?:small|base|large)_patch14_(?:reg4_)?dinov2)$/,
  examples:
    'vit_tiny_patch16_224 (also small, base, large, other patches and sizes, deit_ and deit3_)',
  build: (net, options) =>
    build(net, timm, options, ({ size, patch, side, embedsPrefix }) =>
      size === undefined
        ? undefined
        : `${embedsPrefix ? 'vit' : 'deit3'}_${size.timm}_patch${patch}_${side}`,
    ),
};

/** Vision transformers in torchvision's names. */
export const torchvisionVisionTransformerFamily: TorchFamily = {
  name: 'vision transformer of torchvision',
  marker: 'encoder.layers.encoder_layer_0.self_attention.in_proj_weight',
  supports: /^vit_[blh]_\d{2}$/,
  examples: 'vit_b_16, vit_b_32, vit_l_16, vit_l_32 and vit_h_14 of torchvision',
  build: (net, options) =>
    build(net, torchvision, options, ({ size, patch }) =>
      size?.torchvision === undefined ? undefined : `vit_${size.torchvision}_${patch}`,
    ),
};

/** What the tensors show about an architecture. */
interface Found {
  size: (typeof published)[string] | undefined;
  patch: number;
  /** Side of the images in pixels. */
  side: number;
  embedsPrefix: boolean;
}

function build(
  net: TorchNetwork,
  names: Names,
  options: TorchBuildOptions,
  nameOf: (found: Found) => string | undefined,
): BuiltNetwork {
  const { architecture, headIsOptional, heads: given, pooling } = options;
  const { state } = net;
  const [width, , patch] = state.shape(`${names.patches}.weight`) as [number, number, number];
  const depth = names.count(net);
  const size = published[`${width} x ${depth}`];
  const heads = given ?? impliedHeads(size?.heads, options);
  if (heads === undefined) {
    throw new FixresModelsError(
      'bad-option',
      `The tensors are those of a vision transformer with ${width} channels and ${depth} blocks, but do not show its number of heads: give config.json with model_args.num_heads.`,
    );
  }
  const image = net.input();
  const patches = net.conv(image, names.patches, { stride: patch, padding: 'none' });
  const embedded = net.vitEmbeddings(patches, names.positions, names.prefix, patch);
  let { x } = embedded;
  for (let i = 0; i < depth; i++) x = block(net, x, `${names.blocks}${i}`, names, heads);
  if (state.hasModule(names.norm)) x = net.layerNorm(x, names.norm, { epsilon: EPSILON });
  const hasPoolNorm = state.hasModule(names.poolNorm);
  // A normalisation behind the pooling belongs to an average; without a class token there is no other.
  const isAverage = pooling === 'average' || hasPoolNorm || !state.has(names.prefix[0]!);
  const kind = isAverage ? 'average' : 'token';
  let features = net.tokenPooling(x, kind, embedded.prefixTokens);
  if (hasPoolNorm) features = net.layerNorm(features, names.poolNorm, { epsilon: EPSILON });
  const output = net.classify(features, names.classifier, headIsOptional);
  const side = patch * embedded.gridSize;
  const found = nameOf({
    size,
    patch,
    side,
    embedsPrefix: embedded.embedsPrefix,
  });
  return { image, output, architecture: sameNetwork(architecture, found), side };
}

/**
 * The number of attention heads when no setting states it. timm keeps the heads of the architecture
 * when `model_args` change the width or depth, so its name decides, not the tensors.
 *
 * @param ofTensors heads of the published size with these channels and blocks
 */
function impliedHeads(
  ofTensors: number | undefined,
  { architecture, modified }: TorchBuildOptions,
): number | undefined {
  // An architecture that was not modified is compared with that of the tensors later.
  if (architecture === undefined || !modified) return ofTensors;
  const word = /^(?:vit|deit3?)_([a-z]+)_/.exec(architecture)?.[1];
  const named = Object.values(published).find(
    ({ timm: name, torchvision: short }) => word === name || word === short,
  )?.heads;
  if (named !== undefined && ofTensors !== undefined && named !== ofTensors) {
    throw new FixresModelsError(
      'bad-option',
      `Architecture ${architecture} has ${named} attention heads, but the published size with the channels and blocks of the tensors has ${ofTensors}: give config.json with model_args.num_heads.`,
    );
  }
  return named ?? ofTensors;
}

/** The name itself if it is that of the tensors, apart from how the weights were trained. */
function sameNetwork(architecture: string | undefined, found = 'vision transformer'): string {
  if (architecture === undefined) return found;
  const [own, other] = [architecture, found].map(
    (name) => /^(?:vit|deit3?)_([a-z]+_(?:patch)?\d+)/.exec(name)?.[1],
  );
  return own === other ? architecture : found;
}

/** A block that normalises before attention and before the MLP. */
function block(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  { block: names, attention }: Names,
  heads: number,
): SymbolicTensor {
  const { state } = net;
  const residual = (y: SymbolicTensor, input: SymbolicTensor, i: 0 | 1): SymbolicTensor => {
    const scale = `${path}.${names.scales[i]}`;
    const scaled = state.hasModule(scale) ? net.scale(y, `${scale}.gamma`, scale) : y;
    return net.add(input, scaled, `${path}.add${i + 1}`);
  };
  const [first, second] = names.norms.map((norm) => `${path}.${norm}`) as [string, string];
  let y = net.layerNorm(x, first, { epsilon: EPSILON });
  y = net.attention(y, `${path}.${names.attention}`, { heads, names: attention });
  const attended = residual(y, x, 0);
  const [expand, project] =
    names.mlp.find(([name]) => state.hasModule(`${path}.${name}`)) ?? names.mlp[0]!;
  y = net.layerNorm(attended, second, { epsilon: EPSILON });
  y = net.activation(net.linear(y, `${path}.${expand}`), 'gelu', `${path}.act`);
  return residual(net.linear(y, `${path}.${project}`), attended, 1);
}
