import type { LayersModel } from '@tensorflow/tfjs-layers';
import { attentionBlocks } from './attention-blocks.ts';
import { product } from './describe/layer-costs.ts';
import { type ModelStep, modelSteps } from './describe/model-steps.ts';

/** Layers that end the map of features. */
const POOLS =
  /^(?:KerasGlobalPooling|Global(?:Average|Max)Pooling[12]D|TokenPooling|Flatten|Reshape)$/;
const NORMS = /^(?:BatchNormalization|LayerNormalization)$/;

/** Side at which resolutions are compared if the model takes any. */
const DEFAULT_SIDE = 224;

/**
 * Groups of layers of any image classifier, from the resolutions of its maps: `stem` (up to the
 * second layer with a kernel), `stage1` and so on (one per resolution with kernels, from high to low),
 * `final-norm` (a normalisation behind the last layer with a kernel, and its activation) and
 * `classifier` (from the global pooling on). A transformer has `block1` and so on (one per
 * attention, with the normalisation before it) instead of stages. A branch that pools a map to scale its channels belongs
 * to the stage of that map. Groups without layers are left out.
 *
 * @returns paths of layers by group, in the order of computation; undefined for a model that does
 * not take one image batch `[b, h, w, c]`, or has no map of features
 */
export function resolutionGroups(
  model: LayersModel,
): { name: string; layers: string[] }[] | undefined {
  const [shape, ...others] = model.inputs.map((input) => input.shape);
  if (shape?.length !== 4 || others.length > 0) return undefined;
  const [height, width] = [shape[1] ?? DEFAULT_SIDE, shape[2] ?? DEFAULT_SIDE];
  const { steps } = modelSteps(model, [[height, width, shape[3]!]]);
  const levels = levelsOf(steps, height * width);
  const classifier = classifierSteps(steps, levels);
  const trunk = steps.filter((step) => !classifier.has(step));
  const kernels = trunk.filter(hasKernel);
  if (kernels.length === 0) return undefined;
  const stem = beforeSecond(trunk, kernels[0]!);
  // A resolution without kernels, behind the last pooling of VGG, belongs to the stage before it.
  const stages = [
    ...new Set(kernels.filter((step) => !stem.has(step)).map((step) => levels.get(step)!)),
  ].sort((a, b) => a - b);
  const blocks = attentionBlocks(trunk, hasKernel);
  const last = finalNorm(trunk, blocks !== undefined);
  const groupOf = (step: ModelStep): string => {
    if (classifier.has(step)) return 'classifier';
    if (blocks !== undefined && !last.has(step)) {
      const block = blocks.blockOf.get(step)!;
      return block === 0 ? 'stem' : `block${block}`;
    }
    if (stem.has(step)) return 'stem';
    if (last.has(step)) return 'final-norm';
    return `stage${Math.max(1, stages.filter((level) => level <= levels.get(step)!).length)}`;
  };
  const names = [
    'stem',
    ...(blocks === undefined
      ? (stages.length === 0 ? [0] : stages).map((_, i) => `stage${i + 1}`)
      : Array.from({ length: blocks.count }, (_, i) => `block${i + 1}`)),
    'final-norm',
    'classifier',
  ];
  // A layer that is called several times belongs to the first of its groups.
  const groupOfPath = new Map<string, number>();
  for (const step of steps) {
    const group = names.indexOf(groupOf(step));
    groupOfPath.set(step.path, Math.min(group, groupOfPath.get(step.path) ?? group));
  }
  return names
    .map((name, i) => ({
      name,
      layers: [...groupOfPath].filter(([, group]) => group === i).map(([path]) => path),
    }))
    .filter(({ layers }) => layers.length > 0);
}

/**
 * How often the resolution was halved at each step, Infinity for vectors; a sequence of tokens
 * counts as a map of as many positions. A step that leads back to
 * a larger map counts as that map.
 */
function levelsOf(steps: readonly ModelStep[], pixels: number): Map<ModelStep, number> {
  const levels = new Map<ModelStep, number>();
  for (const step of steps.toReversed()) {
    const level = Math.min(ownLevel(step, pixels), levels.get(step) ?? Infinity);
    levels.set(step, level);
    for (const input of step.inputs)
      levels.set(input.step, Math.min(level, levels.get(input.step) ?? Infinity));
  }
  return levels;
}

function ownLevel({ layer, outputs }: ModelStep, pixels: number): number {
  const { shape } = outputs[0]!;
  if (shape.length !== 3 && shape.length !== 2) return Infinity;
  const isPlanar = (layer as unknown as { dataFormat?: string }).dataFormat === 'channelsFirst';
  const area = product(isPlanar ? shape.slice(1) : shape.slice(0, -1));
  // Padding and strides round, so a side is rarely an exact half.
  return area <= 1 ? Infinity : Math.max(0, Math.round(Math.log2(pixels / area) / 2));
}

/** The pooling to a vector and everything behind it. */
function classifierSteps(
  steps: readonly ModelStep[],
  levels: ReadonlyMap<ModelStep, number>,
): Set<ModelStep> {
  const found = new Set<ModelStep>();
  for (const step of steps) {
    const isVector = levels.get(step) === Infinity;
    const isPool = POOLS.test(step.layer.getClassName());
    if (isVector && (isPool || step.inputs.some((input) => found.has(input.step)))) found.add(step);
  }
  return found;
}

function hasKernel({ layer }: ModelStep): boolean {
  return (
    !NORMS.test(layer.getClassName()) &&
    layer.weights.some(({ originalName }) => /(?:kernel|gamma)$/.test(originalName))
  );
}

/** The steps that depend on no layer with a kernel but the first. */
function beforeSecond(trunk: readonly ModelStep[], first: ModelStep): Set<ModelStep> {
  const stem = new Set<ModelStep>();
  const inside = new Set(trunk);
  for (const step of trunk) {
    const follows = step.inputs.every((input) => !inside.has(input.step) || stem.has(input.step));
    if (follows && (step === first || !hasKernel(step))) stem.add(step);
  }
  return stem;
}

/**
 * The last steps behind all kernels, if a normalisation is among them.
 *
 * @param fromNorm whether steps before the normalisation are left out: the residual addition of a
 * transformer's last block
 */
function finalNorm(trunk: readonly ModelStep[], fromNorm: boolean): Set<ModelStep> {
  const leadsToKernel = new Set<ModelStep>();
  const found: ModelStep[] = [];
  for (const step of trunk.toReversed()) {
    if (!leadsToKernel.has(step) && !hasKernel(step)) found.unshift(step);
    else for (const input of step.inputs) leadsToKernel.add(input.step);
  }
  const first = found.findIndex(({ layer }) => NORMS.test(layer.getClassName()));
  return new Set(first < 0 ? [] : found.slice(fromNorm ? first : 0));
}
