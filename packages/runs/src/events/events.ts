import type { ImageSize } from '@fixres/data';

/**
 * The event log of a run: one JSON object per line, numbered from 0 without gaps. This module
 * imports only types, so pages and tools that only read logs do not load TensorFlow.js.
 */

/**
 * Version of the files of a run folder. It increases if a reader of the old files would misread the
 * new ones.
 */
export const RUN_FORMAT = 1;

/** The engine of a run. */
export interface EngineRecord {
  /** `tensorflow` (native), `wasm` or `cpu`. */
  name: string;
  /** `gpu` or `cpu`. */
  device: string;
  /** Why this engine was chosen, in a sentence. */
  reason: string;
  /** Versions of the engine: `tfjs`, `tensorflow` (native engine only). */
  versions: Record<string, string>;
}

/** The data set of a run. */
export interface DatasetRecord {
  name: string;
  classes: string[];
  /** Number of training images. */
  train: number;
  /** Number of held-out images. */
  heldOut: number;
  /** Files left out because they could not be decoded (only with `skipCorrupt`). */
  skipped: number;
  /** Whether an image can have several classes, or none. Absent: each has one. */
  multiLabel?: boolean;
  /** Training images that are held back to choose thresholds, if thresholds are tuned. */
  thresholdImages?: number;
  /** Training images that are held back to choose measured sizes, if any are. */
  sizeImages?: number;
  /**
   * Present if arms are evaluated on training images that are held back, to choose among arms; `heldOut` is
   * then their number.
   */
  evaluatedOn?: 'heldBack';
}

/** An arm whose saved state is older than its events. */
export interface LostWork {
  arm: string;
  seed: number;
  /** Number of the latest event in the saved state; -1 if there is none. */
  after: number;
}

/** One point of a training curve, written after every epoch. */
export interface EpochRecord {
  /** 0-based. */
  epoch: number;
  /** Mean training loss over the epoch's images. */
  loss: number;
  /** Accuracy on the augmented training images during training. */
  accuracy: number;
  /** Accuracy on the held-out images under the arm's own test policy. */
  heldOutAccuracy: number;
  seconds: number;
  imagesPerSecond: number;
  /** Number of live tensors after the epoch; constant unless tensors leak. */
  tensors: number;
}

/** A number that was measured once per seed. */
export interface SpreadOverSeeds {
  /** In the order of the seeds. */
  values: number[];
  mean: number;
  /** Standard deviation with n - 1 in the denominator; `null` for one seed. */
  sd: number | null;
}

/** Accuracy over images and seeds. */
export interface PooledAccuracy {
  /** Mean accuracy over images and seeds, 0..1. */
  accuracy: number;
  /** 95 % interval of the accuracy, `[lo, hi]`. */
  ci95: [number, number];
  /** Correct predictions, summed over seeds. */
  correct: number;
  /** Images x seeds. */
  total: number;
}

/** Differences between two arms that were trained with the same seeds. */
export interface PairedSeeds extends SpreadOverSeeds {
  /**
   * 95 % interval of the mean by Student's t; `null` for one seed. If all seeds agree, it is
   * computed as if one were off by one image.
   */
  ci95: [number, number] | null;
  /** Two-sided p-value of the paired t-test, not corrected for the number of comparisons; `null` for one seed. */
  p: number | null;
}

/** Accuracy on the images of one class. */
export interface ClassAccuracy {
  /** Images of the class that were classified correctly. */
  correct: number;
  /** Images of the class. */
  total: number;
  /** Also called the recall of the class; `null` without images. */
  accuracy: number | null;
  /** Wilson's 95 % interval; `null` without images. */
  ci95: [number, number] | null;
  /**
   * Fraction of the images predicted as this class that are of this class; `null` if there are
   * none.
   */
  precision: number | null;
}

/**
 * Images whose confidence (probability of the most probable class) is above `low` and at most
 * `high`.
 */
export interface CalibrationBin {
  low: number;
  high: number;
  images: number;
  /**
   * Mean confidence of these images, and the fraction of them classified correctly; `null` in an
   * empty bin.
   */
  confidence: number | null;
  accuracy: number | null;
}

export interface Calibration {
  /** Expected calibration error, 0..1. */
  ece: number;
  bins: CalibrationBin[];
}

/** Metrics of one model's predictions on the held-out images, in addition to accuracy. */
export interface PredictionMetrics {
  /** Label among the five most probable classes; `null` with five classes or fewer. */
  top5: PooledAccuracy | null;
  /** Mean negative log-likelihood of the labels in nats. */
  nll: number;
  calibration: Calibration;
  /** `confusion[label][predicted]`: number of images. */
  confusion: number[][];
  /** In the order of the data set's classes. */
  classes: ClassAccuracy[];
}

/** How well the images with a class are told from those without it. */
export interface LabelMetrics {
  /** Images with the class. */
  images: number;
  /**
   * Area under the curve of precision over recall, as scikit-learn's `average_precision_score`; `null` without
   * images of the class.
   */
  averagePrecision: number | null;
  /** At the threshold of the class; 0 if no image has the class or is given it. */
  f1: number;
  /** Fraction of the images that are given the class and have it; `null` if none is. */
  precision: number | null;
  /** Fraction of the images of the class that are given it; `null` without images. */
  recall: number | null;
}

/** Metrics of one model's predictions on multi-label images, in addition to accuracy. */
export interface MultiLabelMetrics {
  /** Mean of the average precision over the classes with images (macro mAP); `null` without any. */
  meanAveragePrecision: number | null;
  /** F1 over all labels of all images, and its mean over the classes. */
  f1: { micro: number; macro: number };
  /** From which probability on an image is given a class, in the order of the classes. */
  thresholds: number[];
  /** In the order of the data set's classes. */
  classes: LabelMetrics[];
}

/** {@link MultiLabelMetrics} of all seeds of an arm. Numbers of classes are means over seeds. */
export interface PooledMultiLabel {
  /** With the bootstrap's 95 % interval over images (and seeds); `null` without images of any class. */
  meanAveragePrecision: (SpreadOverSeeds & { ci95: [number, number] }) | null;
  f1: { micro: SpreadOverSeeds; macro: SpreadOverSeeds };
  classes: LabelMetrics[];
}

/** A difference of mean average precision on the same images. */
export interface PrecisionComparison {
  /** mAP(a) - mAP(b). */
  difference: number;
  ci95: [number, number];
  /** Two-sided p-value of the paired bootstrap over images and seeds, not corrected. */
  p: number;
  /** Corrected for the number of comparisons (Holm). */
  pAdjusted: number;
  verdict: Verdict;
}

/** {@link PredictionMetrics} of all seeds of an arm. Counts are images x seeds, intervals treat every image as one. */
export interface PooledMetrics {
  top5: (PooledAccuracy & { overSeeds: SpreadOverSeeds }) | null;
  nll: SpreadOverSeeds;
  /** For each seed. */
  ece: SpreadOverSeeds;
  /** For all seeds together. */
  calibration: CalibrationBin[];
  confusion: number[][];
  classes: ClassAccuracy[];
}

/**
 * Apparent size of objects at test time relative to training, over the training images and their
 * simulated training views; 1 is matched.
 */
export interface ApparentSizeRecord {
  /** Arithmetic mean of the ratio test / train. */
  mean: number;
  p10: number;
  p50: number;
  p90: number;
}

/** Accuracy of an arm under one test policy. Several seeds are pooled: `total` is images x seeds. */
export interface EvaluationRecord extends PooledAccuracy {
  /** Policy name, for example `resize` or `fixresTest`. */
  policy: string;
  /** Size of the input: a number for a square, otherwise height and width, in pixels. */
  size: ImageSize;
  /** Accuracy per seed. Absent in runs of earlier versions. */
  overSeeds?: SpreadOverSeeds;
  /** Absent if an earlier version made the predictions. */
  metrics?: PooledMetrics;
  /** Of multi-label images, which have no `metrics`. */
  multiLabel?: PooledMultiLabel;
  /**
   * Relative to the arm's own training images, and to those of the first arm in its line (the same
   * for an arm that is not initialised from another). Absent if the sizes of the images were not
   * known.
   */
  apparentSize?: { training: ApparentSizeRecord; root: ApparentSizeRecord };
}

/** Distribution of numbers. */
export interface ValueSpread {
  mean: number;
  sd: number;
  /** Fraction of the values that are exactly 0, 0..1. */
  zeros: number;
  /**
   * Values of the cumulative distribution at {@link activationQuantiles}, with a relative error of
   * at most 0.5 %.
   */
  quantiles: number[];
}

/** Quantiles in {@link ActivationRecord}. */
export const activationQuantiles: readonly number[] = [
  0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1,
];

/**
 * Input and output of the classifier's pooling, for a sample of the held-out images under one test
 * policy.
 */
export interface ActivationRecord {
  /** Policy name and size of the input. */
  policy: string;
  size: ImageSize;
  /**
   * `trained`: the arm as it is evaluated. `stored`: the model from a folder that the arm is
   * initialised from, before training.
   */
  state: 'stored' | 'trained';
  /** Layer before the pooling. */
  layer: string;
  images: number;
  /** Height, width and channels of the maps. */
  shape: [number, number, number];
  /** Every value of the maps: the activations before pooling. */
  map: ValueSpread;
  /** Every component of the maps' spatial means: the input of the classifier. */
  pooled: ValueSpread;
}

/**
 * How the size of an arm was chosen: the arm that it is initialised from was evaluated at several
 * sizes, on training images that no arm was trained on.
 */
export interface SizeChoice {
  /** The evaluated arm, and its seed. */
  from: string;
  seed: number;
  /** Number of images. */
  images: number;
  /** In the order of sizes, each with the number of images classified correctly. */
  candidates: { policy: string; size: ImageSize; correct: number }[];
  /** Index of the most accurate candidate; of equally accurate ones, of the smallest. */
  chosen: number;
}

/** Settings and results of an arm. */
export interface ArmRecord {
  name: string;
  /** Description in one sentence. */
  description: string;
  /** Size of the training input: a number for a square, otherwise height and width. */
  trainSize: ImageSize;
  epochs: number;
  /** Maximum number of updates, if it ends the last epoch early. */
  steps?: number;
  /** The arm whose training compute determines the length of this one. */
  equalCost?: string;
  /** How its size was chosen, if it was measured. */
  sizeChoice?: SizeChoice;
  /** Freeze policy; `all` if everything trains. */
  freeze: string;
  /** Arm that it is initialised from, if any. */
  initFrom: string | null;
  /** Index into `evaluations` of the arm's own test policy. */
  ownEvaluation: number;
  evaluations: EvaluationRecord[];
  /**
   * Seconds of training, without evaluation, mean over seeds. The time of the arm it is initialised
   * from is not included.
   */
  trainSeconds: number;
  /**
   * Training compute in multiply-adds, forward and backward, mean over seeds; see `armCompute`.
   * That of the arm it is initialised from is not included. Absent if the model has layers that
   * cannot be counted, and in runs of earlier versions.
   */
  trainMultiplyAdds?: number;
  /**
   * The arm whose cached features of the frozen layers this one trained on, so its time does not
   * include computing them.
   */
  featuresFrom?: string;
  /** Highest resident set size of the process during the arm's training, in 10^6 bytes. */
  peakRssMb: number;
  /** Training curves, one list per seed. */
  curves: { seed: number; epochs: EpochRecord[] }[];
  /**
   * Activations before the pooling under each evaluation, for the first seed. The values before
   * fine-tuning are those of the arm that this one is initialised from. Absent if they were not
   * measured.
   */
  activations?: ActivationRecord[];
  /** On corrupted images. Absent if they were not evaluated. */
  robustness?: RobustnessRecord;
}

/** Accuracy of an arm under its own test policy on corrupted images. */
export interface RobustnessRecord {
  /** Mean over corruptions, severities, images and seeds, 0..1. */
  accuracy: number;
  /** 95 % interval by the bootstrap over images and seeds. */
  ci95: [number, number];
  overSeeds: SpreadOverSeeds;
  /** Accuracy on the same images without corruption. */
  clean: number;
  /**
   * Mean corruption error: the errors of each corruption, summed over severities, divided by those of
   * the baseline; then the mean over corruptions. 1 is as many errors as the baseline. `null` if the
   * baseline makes no error under some corruption.
   */
  mce: number | null;
  /** Corruptions in order, each with its severities. */
  conditions: { corruption: string; severity: number; accuracy: number }[];
}

/** Whether one arm is more robust than another: paired on the same images. */
export interface RobustnessComparison {
  a: string;
  b: string;
  /** Mean corruption accuracy of a - b, -1..1. */
  difference: number;
  /** 95 % interval by the paired bootstrap over images and seeds. */
  ci95: [number, number];
  /** Two-sided p-value of the sign-flip permutation test over images. */
  p: number;
  /** Corrected for the number of these comparisons (Holm). */
  pAdjusted: number;
  verdict: Verdict;
  /** Accuracy of a - b without corruption. */
  clean: number;
  /** `difference - clean`: below 0, the gain on clean images is not kept on corrupted ones. */
  kept: Effect;
}

/** How robust the arms of a run are against corruptions. */
export interface RobustnessSummary {
  /** The arm whose errors are 1 in `mce`. */
  baseline: string;
  corruptions: string[];
  severities: number[];
  comparisons: RobustnessComparison[];
}

export type Verdict = 'better' | 'worse' | 'not distinguishable';

/** A paired comparison of arm `a` with arm `b` on the same held-out images. */
export interface ComparisonRecord {
  a: string;
  b: string;
  /** `own` if each arm is evaluated under its own test policy, otherwise `<policy>@<size>`. */
  policy: string;
  /** accuracy(a) - accuracy(b). */
  difference: number;
  ci95: [number, number];
  /** Two-sided p-value of the paired test, not corrected. */
  p: number;
  /** Corrected for the number of comparisons (Holm). A verdict needs this under 0.05 and an interval without 0. */
  pAdjusted: number;
  verdict: Verdict;
  /**
   * Smallest true difference (0..1) that this comparison finds with 80 % power, at the level and
   * under the conditions of its verdict: see `detectableDifference`. Absent in runs of earlier
   * versions.
   */
  smallestDetectable?: number;
  /**
   * Paired t-test over seeds of the differences in accuracy: whether training again would show a
   * difference. `null` for one seed. For information only; the verdict does not depend on it.
   * Absent in runs of earlier versions.
   */
  overSeeds?: PairedSeeds & { pAdjusted: number | null };
  /** Of multi-label images. */
  meanAveragePrecision?: PrecisionComparison;
}

/** A difference of accuracies, or a weighted sum of such differences. */
export interface Effect {
  /** -1..1 for differences of two cells; 0.05 is five points. */
  difference: number;
  /** 95 % interval by the bootstrap over images and seeds. */
  ci95: [number, number];
}

/** What one factor contributes. */
export interface FactorEffects {
  factor: string;
  /**
   * Its share of the gain: what it adds after all factors of earlier stages, averaged over all
   * orders of the factors of its own stage (a Shapley value). The shares of all factors add up to
   * the gain.
   */
  share: Effect & {
    /** Two-sided p-value of the sign-flip permutation test that the share is 0. */
    p: number;
    /** `p`, corrected by Holm for the number of factors. */
    pAdjusted: number;
  };
  /** What it adds as the first of its stage. */
  alone: Effect;
  /** What it adds with all others on: what is lost without it. */
  last: Effect;
  /** What it adds on average over all combinations of the others: the main effect. */
  main: Effect;
}

/** What all factors of a stage add together. */
interface StageEffect extends Effect {
  name: string;
  factors: string[];
}

/**
 * How much more one factor adds if the other one is on, averaged over all combinations of the rest.
 * Positive: each helps the other. Negative: they replace each other.
 */
export interface Interaction extends Effect {
  a: string;
  b: string;
}

export interface FactorialEffects {
  /** Accuracy with all factors off, and on, 0..1. */
  base: number;
  full: number;
  /** `full - base`. */
  gain: Effect;
  /** What each stage adds after the earlier ones; they add up to the gain. */
  stages: StageEffect[];
  factors: FactorEffects[];
  /** Every pair of factors, in order. */
  interactions: Interaction[];
}

/** The effects of what differs between two arms of another run. */
export interface FactorialRecord extends FactorialEffects {
  /** The explained arm, the arm that it is initialised from, and their run. */
  of: { run: string; arm: string; from: string };
  /**
   * What the same fine-tuning at the size of `from` adds, under the test policy of `arm`: the effect
   * of more epochs, without that of the size. Absent if both sizes are equal.
   */
  moreEpochs?: Effect;
}

/** The comparison that decided how many seeds were trained. */
export interface SeedStoppingRecord {
  a: string;
  b: string;
  /** `own`, or `<policy>@<size>`. */
  policy: string;
  /** Whether training was to end when the interval excludes 0, or at this half width, in 0..1. */
  until: 'excludes0' | { halfWidth: number };
  /** Largest number of seeds. */
  max: number;
  /** Whether the interval became precise enough, before or at the last seed. */
  isReached: boolean;
  /** a - b of each seed, -1..1. */
  values: number[];
  /**
   * 95 % interval over seeds of a - b, of a confidence sequence: it holds although it decided when
   * to stop. `null` with three seeds or fewer.
   */
  ci95: [number, number] | null;
}

/** The result of a run: `summary.json`, and what `--json` prints. */
export interface Summary {
  format: typeof RUN_FORMAT;
  engine: EngineRecord;
  dataset: DatasetRecord;
  arms: ArmRecord[];
  comparisons: ComparisonRecord[];
  /** The effects of what differs between two arms of another run, if the experiment explains one. */
  factorial?: FactorialRecord;
  /** Comparisons on corrupted images, if the experiment evaluates on them. */
  robustness?: RobustnessSummary;
  /**
   * Smallest difference in accuracy (0..1) that this held-out set could have shown with 80 % power
   * in every comparison: the largest `smallestDetectable` of them. In runs of versions without
   * `smallestDetectable`, at 5 % without the correction.
   */
  smallestDetectable: number;
  /** How the number of seeds was decided. Absent if it was fixed before. */
  seedStopping?: SeedStoppingRecord;
  seconds: number;
}

/** Where the features of an arm's frozen layers are cached during its training. */
export interface FeatureCacheRecord {
  where: 'memory' | 'disk' | 'nowhere';
  form: 'maps' | 'moments' | 'vectors' | null;
  /** The last frozen layer. */
  cut: string | null;
  /** Features of one view. */
  shape: readonly number[];
  /** Distinct views of the training images. */
  views: number;
  precision: 'full' | 'half';
  /** Bytes of all views. */
  bytes: number;
  exact: boolean;
  /** Explanation in one to three sentences. */
  explanation: string;
  /**
   * The arm that computed the features, if it saw the same views with the same frozen layers.
   * Absent if there is none.
   */
  from?: string;
}

interface EventBase {
  /** Number of the event in its run, from 0. */
  n: number;
  /** ISO 8601 time. */
  time: string;
}

export type RunEvent = EventBase &
  (
    | {
        type: 'run-start';
        format: typeof RUN_FORMAT;
        engine: EngineRecord;
        dataset: DatasetRecord;
        config: unknown;
      }
    | { type: 'warning'; message: string }
    /**
     * `after`: earlier events with higher numbers describe work that was lost and is repeated; see
     * `settledEvents`. `again`: the same for single arms that lost more, because their saved state
     * is damaged.
     */
    | { type: 'run-resumed'; engine: EngineRecord; after: number; again?: readonly LostWork[] }
    | {
        type: 'arm-start';
        arm: string;
        seed: number;
        epochs: number;
        stepsPerEpoch: number;
        /** Total number of updates, if the last epoch is shorter. */
        steps?: number;
        trainableParameters: number;
        /** Where training continues, in a resumed run. */
        from?: { epoch: number; step: number };
      }
    | {
        type: 'progress';
        arm: string;
        seed: number;
        /**
         * Current activity: training, re-estimating running statistics, evaluation under a policy,
         * or, before a pass of several processes, computing the features that it lacks.
         */
        phase: 'train' | 'statistics' | 'evaluate' | 'features';
        /** From 0; -1 for an arm without epochs, which is only evaluated. */
        epoch: number;
        epochs: number;
        step: number;
        steps: number;
        loss?: number;
        accuracy?: number;
        /** Learning rate of the step. */
        learningRate?: number;
        imagesPerSecond: number;
        /** Fraction of the time, 0..1, in which training waited for images. */
        stall: number;
        /** Estimated seconds until the whole run ends. */
        etaSeconds: number;
        rssMb: number;
        /** Number of live tensors. */
        tensors: number;
        /** Bytes of the live tensors, in 10^6; on the GPU if the engine computes on one. */
        tensorMb?: number;
        /**
         * Memory in use on the GPU, in 10^6 bytes, as last reported by its driver. Absent without a
         * GPU.
         */
        deviceMb?: number;
      }
    /**
     * Whether the features of the frozen layers are cached, and why; see `FeaturePlan` of
     * `@fixres/finetune`.
     */
    | ({ type: 'feature-cache'; arm: string; seed: number } & FeatureCacheRecord)
    | ({ type: 'epoch'; arm: string; seed: number } & EpochRecord)
    /**
     * The running statistics of `norms` norms were re-estimated from `images` training images;
     * `seconds` are part of the arm's training.
     */
    | {
        type: 'norm-statistics';
        arm: string;
        seed: number;
        when: 'before-training' | 'after-training';
        norms: number;
        images: number;
        seconds: number;
      }
    | {
        type: 'evaluation';
        arm: string;
        seed: number;
        policy: string;
        size: ImageSize;
        correct: number;
        total: number;
        metrics?: PredictionMetrics;
        /** Of multi-label images, instead of `metrics`. */
        multiLabel?: MultiLabelMetrics;
      }
    /** The size of the arm was chosen; `seed` is that of the evaluated arm. */
    | ({ type: 'size-chosen'; arm: string } & SizeChoice)
    /** The arm's own test policy on corrupted images. */
    | {
        type: 'corruption';
        arm: string;
        seed: number;
        corruption: string;
        severity: number;
        correct: number;
        total: number;
      }
    | ({ type: 'activations'; arm: string; seed: number } & ActivationRecord)
    | { type: 'frozen-verified'; arm: string; seed: number; frozen: number; moved: number }
    | {
        type: 'arm-end';
        arm: string;
        seed: number;
        trainSeconds: number;
        trainMultiplyAdds?: number;
        peakRssMb: number;
      }
    /** The training state is saved: completed epochs, and steps of the next one. */
    | {
        type: 'checkpoint';
        arm: string;
        seed: number;
        epoch: number;
        step: number;
        seconds: number;
      }
    | {
        type: 'early-stop';
        arm: string;
        seed: number;
        epoch: number;
        bestEpoch: number;
        value: number;
        restored: boolean;
      }
    | { type: 'run-end'; seconds: number }
    | { type: 'run-interrupted' }
    /** `code`: that of the package's error, for example `non-finite-loss`. */
    | { type: 'run-failed'; message: string; code?: string; images?: readonly string[] }
  );

/** The fields of an event from its writer; the log adds number and time. */
export type RunEventInput = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, keyof EventBase>
    : never
  : never;

/**
 * Parses an event log. An incomplete last line after a crash is left out; a damaged line before it
 * is an error.
 *
 * @throws SyntaxError naming the line
 */
export function parseEvents(text: string): RunEvent[] {
  const lines = text.split('\n');
  const unfinished = lines.pop();
  const events = lines.map((line, i) => {
    try {
      return JSON.parse(line) as RunEvent;
    } catch (cause) {
      throw new SyntaxError(`Event log line ${i + 1} is not JSON.`, { cause });
    }
  });
  if (unfinished) {
    try {
      events.push(JSON.parse(unfinished) as RunEvent);
    } catch {
      // The writer was interrupted in the middle of the line.
    }
  }
  return events;
}

/**
 * The valid events of a run: events of work that was lost in a crash and repeated are left out.
 * Unless the run is deterministic, they can differ from the final results.
 */
export function settledEvents(events: readonly RunEvent[]): RunEvent[] {
  let settled: RunEvent[] = [];
  for (const event of events) {
    if (event.type === 'run-resumed')
      settled = settled.filter((earlier) => !isLost(earlier, event));
    settled.push(event);
  }
  return settled;
}

/** Events of the run as a whole. */
function isOfRun({ type }: RunEvent): boolean {
  return type.startsWith('run-') || type === 'warning';
}

/** The arm and seed that an event is the work of; undefined for events of the whole run. */
export function workOf(event: RunEvent): { arm: string; seed: number } | undefined {
  if (!('arm' in event && 'seed' in event)) return undefined;
  // It names the arm that gets the size.
  return { arm: event.type === 'size-chosen' ? event.from : event.arm, seed: event.seed };
}

/** Whether an earlier event describes work that was lost when a run was resumed. */
export function isLost(
  earlier: RunEvent,
  { after, again = [] }: RunEvent & { type: 'run-resumed' },
): boolean {
  if (isOfRun(earlier)) return false;
  const work = workOf(earlier);
  return (
    earlier.n > after ||
    again.some(
      ({ arm, seed, after: kept }) => work?.arm === arm && work.seed === seed && earlier.n > kept,
    )
  );
}
