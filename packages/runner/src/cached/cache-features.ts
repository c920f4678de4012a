import { type FixedViews, fixedViews, type Policy } from '@fixres/data';
import {
  type FeatureBudget,
  FeatureCache,
  type FeaturePlan,
  type FeaturePrecision,
  type FeatureSplit,
  type FeatureStore,
  type FreezeHandle,
  memoryStore,
  noPlan,
  planFeatures,
  type RecordLayout,
  splitFeatures,
} from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Classifier } from '../evaluate.ts';
import type { ImageSource } from '../image-source.ts';
import { cachedSource } from './cached-source.ts';

/** How features of frozen trunks are kept. */
export interface FeatureSettings {
  /** Default: 1 GB of memory, no disk. */
  budget?: FeatureBudget;
  /** Default `full`, which is exact. */
  precision?: FeaturePrecision;
  /** Makes a store on disk. Without it `budget.diskBytes` is taken for 0. */
  openFile?: (name: string, layout: RecordLayout) => Promise<FeatureStore>;
  /** Makes what runs the trunk, for example a compiled one. Default: kernel by kernel. */
  createTrunk?: TrunkFactory;
}

/** A trunk that runs in another way than kernel by kernel. */
export interface FastTrunk {
  /** The features of images [b, h, w, 3] of levels 0..255, as `split.features` gives them. The caller disposes them. */
  features(images: tf.Tensor): tf.Tensor;
  dispose(): void;
}

export type TrunkFactory = (split: FeatureSplit, images: { batchSize: number; side: number }) => FastTrunk | null;

export interface CacheFeaturesOptions {
  model: LayersModel;
  handle: FreezeHandle;
  train: ImageSource;
  heldOut: ImageSource;
  trainPolicy: Policy;
  testPolicy: Policy;
  epochs: number;
  batchSize: number;
  settings: FeatureSettings | undefined;
}

/** Training and held-out images as features of a frozen trunk. */
export interface CachedFeatures {
  split: FeatureSplit;
  train: ImageSource;
  /** How often the trunk sees each training image. */
  passes: number;
  /** The held-out images under the test policy, and the model from the features on; undefined where theirs are not kept. */
  heldOut: { source: ImageSource; classifier: Classifier } | undefined;
  dispose(): Promise<void>;
}

/** What became of it: the plan always, the features where it has a place for them. */
export interface CacheFeaturesResult {
  plan: FeaturePlan;
  cached: CachedFeatures | undefined;
}

const DEFAULT_BUDGET: FeatureBudget = { memoryBytes: 1e9, diskBytes: 0 };

/**
 * Keeps the features of a frozen trunk during a fine-tuning, where that gives the same result as running it every time: the trunk is
 * in inference mode, and the training policy shows the same few views of an image again and again. Held-out images are kept in what
 * room is left, so that testing after each epoch costs only the head.
 */
export async function cacheFeatures(options: CacheFeaturesOptions): Promise<CacheFeaturesResult> {
  const { model, handle, train, heldOut, trainPolicy, testPolicy, epochs, settings = {} } = options;
  const views = fixedViews(trainPolicy);
  const number = train.size * (views?.policies.length ?? 1);
  const reason = reasonAgainst(options, views);
  if (reason !== undefined || views === null || train.access === undefined) return { plan: noPlan(number, reason ?? ''), cached: undefined };

  const split = splitFeatures(handle);
  const budget = withoutDisk(settings.budget ?? DEFAULT_BUDGET, settings);
  const precision = settings.precision ?? 'full';
  const plan = planFeatures(split, { inputShape: inputShape(trainPolicy), views: number, budget, precision });
  if (plan.where === 'nowhere' || split === null) return { plan, cached: undefined };

  const trunks = new Map<number, FastTrunk | null>();
  const caches: FeatureCache[] = [];
  const dispose = async (): Promise<void> => {
    for (const trunk of trunks.values()) trunk?.dispose();
    trunks.clear();
    for (const cache of caches) await cache.dispose();
  };
  const open = async (name: string, planned: FeaturePlan, policy: Policy): Promise<FeatureCache> => {
    const layout: RecordLayout = { precision, length: tf.util.sizeFromShape([...planned.shape]) };
    const store = planned.where === 'disk' ? await settings.openFile!(name, layout) : memoryStore(layout);
    const side = policy.output.width;
    if (!trunks.has(side)) trunks.set(side, settings.createTrunk?.(split, { batchSize: options.batchSize, side }) ?? null);
    const trunk = trunks.get(side);
    const cache = new FeatureCache(trunk ? { ...split, features: (images) => trunk.features(images) } : split, store, planned.shape);
    caches.push(cache);
    return cache;
  };
  try {
    const source = cachedSource({ access: train.access, views, cache: await open('train', plan, trainPolicy) });
    const testViews = fixedViews(testPolicy);
    const left = { ...budget, [`${plan.where}Bytes`]: budget[`${plan.where}Bytes`] - plan.bytes };
    let kept: CachedFeatures['heldOut'];
    if (testViews?.policies.length === 1 && heldOut.access !== undefined) {
      const testPlan = planFeatures(split, { inputShape: inputShape(testPolicy), views: heldOut.size, budget: left, precision });
      if (testPlan.where !== 'nowhere') {
        const cache = await open('held-out', testPlan, testPolicy);
        const { outputs } = model;
        const apply: LayersModel['apply'] = (x) => split.head(x as tf.Tensor, { training: false });
        kept = { source: cachedSource({ access: heldOut.access, views: testViews, cache }), classifier: { apply, outputs } };
      }
    }
    return { plan, cached: { split, train: withIds(source, train), passes: Math.min(views.policies.length, epochs), heldOut: kept, dispose } };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Why features are not worth keeping or would not be right, before the model is looked at. */
function reasonAgainst({ train, trainPolicy, epochs, handle }: CacheFeaturesOptions, views: FixedViews | null): string | undefined {
  if (handle.counts.frozen === 0) return 'Nothing is frozen, so every epoch changes all features.';
  if (views === null) return `Policy "${trainPolicy.name}" shows another view of an image in every epoch, so features cannot be used again.`;
  if (train.access === undefined) return 'The images cannot be read one by one, so features are not kept.';
  return epochs < 2 ? 'With one epoch no view is seen again, so features are not kept.' : undefined;
}

function withoutDisk(budget: FeatureBudget, { openFile }: FeatureSettings): FeatureBudget {
  return openFile === undefined ? { ...budget, diskBytes: 0 } : budget;
}

function withIds(source: ImageSource, { ids }: ImageSource): ImageSource {
  return ids === undefined ? source : { ...source, ids };
}

function inputShape({ output }: Policy): number[] {
  return [output.height, output.width, 3];
}
