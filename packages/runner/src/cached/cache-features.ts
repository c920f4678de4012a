import {
  type FixedViews,
  fixedViews,
  type ImageSize,
  type MixSettings,
  type Policy,
} from '@fixres/data';
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
  recordLayout,
  splitFeatures,
} from '@fixres/finetune';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { evaluationShare } from '../cluster/evaluate-together.ts';
import type { TrainingCluster } from '../cluster/training-cluster.ts';
import type { FeaturesToCompute } from '../progress/arm-work.ts';
import type { Classifier } from '../evaluation/evaluate.ts';
import type { ArmSpec, Precision } from '@fixres/runs';
import type { ImageAccess, ImageSource } from '../images/image-source.ts';
import { FOLLOWING } from '../statistics/following-norms.ts';
import { cachedSource, type CachedSourceOptions } from './cached-source.ts';
import type { FeatureShelf } from './feature-shelf.ts';
import { type TrunkFactory, Trunks } from './trunks.ts';

/** How features of frozen trunks are cached. */
export interface FeatureSettings {
  /** Default: 1 GB of memory, no disk. */
  budget?: FeatureBudget;
  /** Default `full`, which is exact. */
  precision?: FeaturePrecision;
  /** Creates a store on disk. Without it, `budget.diskBytes` is 0. */
  openFile?: (name: string, layout: RecordLayout) => Promise<FeatureStore>;
  /** Creates a trunk runner, for example a compiled one. Default: kernel by kernel. */
  createTrunk?: TrunkFactory;
}

export interface CacheFeaturesOptions {
  model: LayersModel;
  handle: FreezeHandle;
  train: ImageSource;
  heldOut: ImageSource;
  trainPolicy: Policy;
  testPolicy: Policy;
  /** How batches are mixed. Default: not. */
  mix?: MixSettings;
  /** Size that grows during the training; features are then not cached. */
  progressive?: ArmSpec['progressive'] | undefined;
  /** A teacher, which needs the images; features are then not cached. */
  distill?: ArmSpec['distill'] | undefined;
  epochs: number;
  batchSize: number;
  /**
   * Data type of a compiled trunk for training features. Those of the held-out images are always
   * computed in float32, like all reported numbers. Default `float32`.
   */
  trunkPrecision?: Precision | undefined;
  settings: FeatureSettings | undefined;
  /** Where arms leave their features for others. Default: they are disposed with the arm. */
  sharing?: {
    shelf: FeatureShelf;
    arm: string;
    /** Identifies the weights of the trunk; equal for arms with equal ones. */ origin: string;
  };
  onWarning?: (message: string) => void;
  /** Called each time the trunk has run on images of a size. */
  onFeatures?: (images: number, size: ImageSize) => void;
  /** Called after every exchange of features of training images that several processes compute together. */
  onFill?: CachedSourceOptions['onFill'];
  /**
   * Processes that train together, each with a part of `batchSize`. Each computes the features of some
   * training images, has all of them, and those of its share of the held-out images. Then features are
   * cached in memory alone. Default: this process alone.
   */
  cluster?: TrainingCluster | undefined;
}

/** Training and held-out images as features of a frozen trunk. */
export interface CachedFeatures {
  split: FeatureSplit;
  train: ImageSource;
  /** Work that the trunk still has to do. */
  toCompute: FeaturesToCompute;
  /** The arm that computed the features of the training images, if it was another one. */
  from: string | undefined;
  /**
   * The held-out images under the test policy, and the model after the features; undefined if their
   * features are not cached.
   */
  heldOut: { source: ImageSource; classifier: Classifier } | undefined;
  /** Bytes of all features that are cached in memory, including those still to be computed. */
  memoryBytes: number;
  dispose(): Promise<void>;
}

/** The outcome: always the plan, and the features if it includes them. */
export interface CacheFeaturesResult {
  plan: FeaturePlan;
  cached: CachedFeatures | undefined;
}

/** Of fewer images, each would take the trunk noticeably longer. */
const SMALL_BATCH = 16;

/** The budget of settings without one. */
export const defaultFeatureBudget: FeatureBudget = { memoryBytes: 1e9, diskBytes: 0 };

/**
 * Caches the features of a frozen trunk during a fine-tuning, if this gives the same result as
 * running it every time: the trunk is in inference mode, the train policy repeats the same few views
 * of an image, and batches are not mixed. Features of held-out images are cached in the remaining space, so that an
 * evaluation after each epoch runs only the head.
 */
export async function cacheFeatures(options: CacheFeaturesOptions): Promise<CacheFeaturesResult> {
  const {
    handle,
    train,
    heldOut,
    trainPolicy,
    testPolicy,
    trunkPrecision = 'float32',
    settings = {},
    sharing,
    cluster,
  } = options;
  const views = fixedViews(trainPolicy);
  const number = train.size * (views?.policies.length ?? 1);
  const reason = reasonAgainst(options, views);
  const split = reason === undefined ? splitFeatures(handle) : null;
  const allowed = withoutDisk(settings.budget ?? defaultFeatureBudget, settings);
  const budget = cluster === undefined ? allowed : budgetOfAll(allowed, cluster);
  const precision = settings.precision ?? 'full';
  const trunkBatch = Math.max(
    options.batchSize / (cluster?.ranks ?? 1),
    Math.min(options.batchSize, SMALL_BATCH),
  );
  const trunks =
    split &&
    new Trunks(split, settings.createTrunk, {
      batchSize: trunkBatch,
      onWarning: options.onWarning ?? (() => undefined),
    });
  const isBfloat16 =
    trunkPrecision === 'bfloat16' &&
    trunks?.of(trainPolicy.output, trunkPrecision).precision === 'bfloat16';
  const plan =
    reason === undefined
      ? planFeatures(split, {
          inputShape: inputShape(trainPolicy),
          views: number,
          budget,
          precision,
          isBfloat16,
        })
      : noPlan(number, reason);
  if (
    plan.where === 'nowhere' ||
    split === null ||
    trunks === null ||
    views === null ||
    train.access === undefined
  ) {
    trunks?.dispose();
    await sharing?.shelf.dispose();
    return { plan, cached: undefined };
  }
  const wanted: WantedFeatures[] = [
    {
      name: 'train',
      plan,
      layout: recordLayout(plan.shape, plan.precision, isBfloat16),
      policy: trainPolicy,
      views,
      access: train.access,
      trunkPrecision,
      cluster,
    },
  ];
  const testViews = fixedViews(testPolicy);
  const tests = ownPart(heldOut, cluster);
  if (testViews?.policies.length === 1 && tests.access !== undefined) {
    const left = { ...budget, [`${plan.where}Bytes`]: budget[`${plan.where}Bytes`] - plan.bytes };
    const testPlan = planFeatures(split, {
      inputShape: inputShape(testPolicy),
      views: tests.size,
      budget: left,
      precision,
    });
    if (testPlan.where !== 'nowhere')
      wanted.push({
        name: 'held-out',
        plan: testPlan,
        layout: recordLayout(testPlan.shape, testPlan.precision, false),
        policy: testPolicy,
        views: testViews,
        access: tests.access,
        trunkPrecision: 'float32',
        // Each process needs those of its share alone.
        cluster: undefined,
      });
  }
  const { opened, dispose } = await openFeatures(wanted, { split, trunks, trunkBatch }, options);
  const [trained, tested] = opened;
  const { outputs } = options.model;
  const apply: LayersModel['apply'] = (x) => split.head(x as tf.Tensor, { training: false });
  const from = trained!.from;
  return {
    plan:
      from === undefined
        ? plan
        : {
            ...plan,
            explanation: `${plan.explanation} Arm "${from}" has already computed some or all of them.`,
          },
    cached: {
      split,
      train: withIds(trained!.source, train),
      toCompute: { train: trained!.absent, heldOut: tested?.absent },
      from,
      heldOut: tested && { source: tested.source, classifier: { apply, outputs } },
      memoryBytes: wanted
        .filter((each) => each.plan.where === 'memory')
        .reduce((sum, each) => sum + each.plan.bytes, 0),
      dispose,
    },
  };
}

/** Features of images that are cached. */
interface WantedFeatures {
  name: 'train' | 'held-out';
  plan: FeaturePlan;
  layout: RecordLayout;
  policy: Policy;
  views: FixedViews;
  access: ImageAccess;
  trunkPrecision: Precision;
  /** Processes that compute them together. */
  cluster: TrainingCluster | undefined;
}

interface OpenedFeatures {
  source: ImageSource;
  /** The arm that computed them. */
  from: string | undefined;
  /** Fraction of all views that still has to be computed, 0..1. */
  absent: number;
}

/** Opens the stores of features: those of an earlier arm, or new ones. */
async function openFeatures(
  wanted: readonly WantedFeatures[],
  { split, trunks, trunkBatch }: { split: FeatureSplit; trunks: Trunks; trunkBatch: number },
  { settings = {}, sharing, onFeatures, onFill }: CacheFeaturesOptions,
): Promise<{ opened: OpenedFeatures[]; dispose: () => Promise<void> }> {
  const stores: { key: string; store: FeatureStore; arm: string }[] = [];
  const dispose = async (): Promise<void> => {
    trunks.dispose();
    for (const { key, store, arm } of stores.splice(0)) {
      if (sharing) sharing.shelf.put(key, { store, arm });
      else await store.dispose();
    }
  };
  const keyOf = ({
    name,
    plan: { where, cut, form, shape },
    layout: { precision },
    policy,
    trunkPrecision,
  }: WantedFeatures): string =>
    JSON.stringify([
      name,
      sharing?.origin,
      policy,
      where,
      cut,
      form,
      shape,
      precision,
      trunkPrecision,
    ]);
  try {
    await sharing?.shelf.keepOnly(wanted.map(keyOf));
    const opened: OpenedFeatures[] = [];
    for (const features of wanted) {
      const { name, plan, layout, policy, views, access, trunkPrecision, cluster } = features;
      const key = keyOf(features);
      const left = sharing?.shelf.take(key);
      const store =
        left?.store ??
        (plan.where === 'disk' ? await settings.openFile!(name, layout) : memoryStore(layout));
      stores.push({ key, store, arm: left?.arm ?? sharing?.arm ?? '' });
      const trunk = trunks.of(policy.output, trunkPrecision);
      const computed = (images: tf.Tensor): tf.Tensor => {
        const result = trunk.features(images);
        onFeatures?.(images.shape[0], policy.output);
        return result;
      };
      const source = cachedSource({
        access,
        views,
        cache: new FeatureCache({ ...split, features: computed }, store, plan.shape),
        cluster,
        trunkBatch,
        onFill,
      });
      const absent =
        left === undefined
          ? 1
          : Array.from({ length: plan.views }, (_, view) => store.has(view)).filter((has) => !has)
              .length / plan.views;
      opened.push({ source, from: left?.arm, absent });
    }
    return { opened, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Why caching features is not useful or not exact, before the model is checked. */
function reasonAgainst(
  { train, trainPolicy, mix, progressive, distill, epochs, handle, cluster }: CacheFeaturesOptions,
  views: FixedViews | null,
): string | undefined {
  if (handle.counts.frozen === 0) return 'Nothing is frozen, so every epoch changes all features.';
  if (mix)
    return (
      'Mixed images differ in every epoch, and their features are not a mixture of the features ' +
      'of the images, so features cannot be cached.'
    );
  if (views === null)
    return (
      `Train policy "${trainPolicy.name}" shows a different view in every epoch, so features ` +
      'cannot be cached.'
    );
  if (distill !== undefined)
    return 'The teacher needs the images in every epoch, so features are not cached.';
  if (progressive !== undefined)
    return 'The train size grows, so features of one size cannot be used in all epochs.';
  if (train.access === undefined)
    return 'The images cannot be read one by one, so features are not cached.';
  // Their statistics are re-estimated kernel by kernel, where processes cannot exchange moments.
  if (cluster?.settings.syncBatchNorm && handle.estimateStatistics(FOLLOWING).norms.length > 1)
    return (
      'Several layers of batch normalisation that train are synchronised, each after the other, so ' +
      'features are not cached.'
    );
  return epochs < 2
    ? 'With one epoch no view is seen twice, so features are not cached.'
    : undefined;
}

function withoutDisk(budget: FeatureBudget, { openFile }: FeatureSettings): FeatureBudget {
  return openFile === undefined ? { ...budget, diskBytes: 0 } : budget;
}

/** The least that any process allows, so that all decide the same. */
function budgetOfAll({ memoryBytes }: FeatureBudget, { exchange }: TrainingCluster): FeatureBudget {
  const all = exchange(new Uint8Array(Float64Array.of(memoryBytes).buffer));
  const least = Math.min(...all.map((bytes) => new Float64Array(bytes.buffer)[0]!));
  return { memoryBytes: least, diskBytes: 0 };
}

/** The held-out images that this process classifies. */
function ownPart(heldOut: ImageSource, cluster: TrainingCluster | undefined): ImageSource {
  const { access } = heldOut;
  return cluster === undefined || access === undefined
    ? heldOut
    : evaluationShare({ ...heldOut, access }, cluster);
}

function withIds(source: ImageSource, { ids }: ImageSource): ImageSource {
  return ids === undefined ? source : { ...source, ids };
}

function inputShape({ output }: Policy): number[] {
  return [output.height, output.width, 3];
}
