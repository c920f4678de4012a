import { type Corruption, imageSizeOf, type Policy, withCorruption } from '@fixres/data';
import type { ArmEvaluation, ArmEvaluator } from './arm-evaluator.ts';
import { FixresRunnerError } from '../errors.ts';
import type { Eta } from '../progress/eta.ts';
import {
  type ArmSpec,
  describePredictions,
  evaluationKey,
  type Precision,
  type PredictionMetrics,
  type MultiLabelMetrics,
  multiLabelMetrics,
  type MultiLabelPredictions,
  type MultiLabelResult,
  type Predictions,
  type RunEventInput,
  tuneThresholds,
} from '@fixres/runs';
import type { ImageSource } from '../images/image-source.ts';
import { afterEpoch } from '../progress/after-epoch.ts';
import type { WorkKind } from '../progress/arm-work.ts';
import { memoryNow } from '../progress/memory-now.ts';
import type { MemoryMeter } from '../progress/memory-meter.ts';

export interface ArmTesterOptions {
  evaluator: ArmEvaluator;
  spec: ArmSpec;
  /** Maximum number of epochs of the arm. */
  epochs: number;
  seed: number;
  batchSize: number;
  /** As in `RunExperimentOptions`. */
  thresholdImages?: ImageSource | undefined;
  eta: Eta;
  memory: MemoryMeter;
  onEvent: (event: RunEventInput) => void;
  onPredictions?:
    | ((arm: string, seed: number, policy: Policy, predictions: Predictions) => Promise<void>)
    | undefined;
}

/** Results of the evaluations of an arm, by evaluation key. */
export interface ArmTests {
  /** 1 for each held-out image classified correctly. */
  correct: Map<string, Uint8Array>;
  /** Empty for multi-label images. */
  metrics: Map<string, PredictionMetrics>;
  /** Of multi-label images. */
  multiLabel?: MultiLabelResult;
}

/** Evaluates an arm, and reports progress and results. */
export class ArmTester {
  /** Of multi-label images, as chosen after training. */
  #thresholds: readonly number[] | undefined;
  readonly #options: ArmTesterOptions;

  constructor(options: ArmTesterOptions) {
    this.#options = options;
  }

  /**
   * Held-out accuracy after an epoch, under the arm's own test policy.
   *
   * @throws FixresRunnerError `non-finite-loss` if the predictions of the model are not finite,
   * like {@link testUnder}
   */
  async accuracy(epoch: number, precision: Precision): Promise<number> {
    const { correct } = await this.#predict(this.#options.spec.testPolicy, epoch, precision);
    return correct.reduce((sum, one) => sum + one, 0) / correct.length;
  }

  /**
   * The trained arm under every policy. Reported numbers are computed in float32, as users of the
   * model will.
   *
   * @param epoch the last one, 0-based; -1 for an arm without epochs
   */
  async testUnder(policies: readonly Policy[], epoch: number): Promise<ArmTests> {
    const { spec, seed, onEvent, onPredictions } = this.#options;
    const tests: ArmTests = { correct: new Map(), metrics: new Map() };
    const thresholds = await this.#tunedThresholds(epoch);
    this.#thresholds = thresholds;
    for (const policy of policies) {
      const predictions = await this.#predict(policy, epoch, 'float32', { thresholds });
      const key = evaluationKey(policy);
      const { correct } = predictions;
      let described: { metrics: PredictionMetrics } | { multiLabel: MultiLabelMetrics };
      if (isMultiLabel(predictions)) {
        const multiLabel = multiLabelMetrics(predictions, thresholds);
        tests.multiLabel ??= {
          targets: predictions.targets,
          scores: new Map(),
          thresholds: multiLabel.thresholds,
        };
        tests.multiLabel.scores.set(key, predictions.probabilities);
        described = { multiLabel };
      } else {
        const { top1: _, ...metrics } = describePredictions(predictions);
        tests.metrics.set(key, metrics);
        described = { metrics };
      }
      tests.correct.set(key, correct);
      await onPredictions?.(spec.name, seed, policy, predictions);
      const { name, output } = policy;
      onEvent({
        type: 'evaluation',
        arm: spec.name,
        seed,
        policy: name,
        size: imageSizeOf(output),
        correct: correct.reduce((sum, one) => sum + one, 0),
        total: correct.length,
        ...described,
      });
    }
    return tests;
  }

  /**
   * The trained arm under its own test policy on corrupted images.
   *
   * @returns by evaluation key, 1 for each image classified correctly
   */
  async testCorrupted(
    conditions: readonly Corruption[],
    epoch: number,
  ): Promise<Map<string, Uint8Array>> {
    const { spec, seed, onEvent } = this.#options;
    const correct = new Map<string, Uint8Array>();
    for (const condition of conditions) {
      const policy = withCorruption(spec.testPolicy, condition);
      const predictions = await this.#predict(policy, epoch, 'float32', {
        thresholds: this.#thresholds,
        kind: 'corrupted',
      });
      correct.set(evaluationKey(policy), predictions.correct);
      onEvent({
        type: 'corruption',
        arm: spec.name,
        seed,
        ...condition,
        correct: predictions.correct.reduce((sum, one) => sum + one, 0),
        total: predictions.correct.length,
      });
    }
    return correct;
  }

  /**
   * The trained arm's predictions on training images that are held back.
   *
   * @param epoch as in {@link testUnder}
   */
  predictHeldBack(source: ImageSource, policy: Policy, epoch: number): Promise<Predictions> {
    const { size: images } = source;
    return this.#options.evaluator.evaluateOn(
      source,
      policy,
      this.#onBatch(policy, { epoch, kind: 'heldBack', images }),
    );
  }

  /** Chosen on the images that are held back for it; undefined if there are none. */
  async #tunedThresholds(epoch: number): Promise<number[] | undefined> {
    const { thresholdImages, spec } = this.#options;
    if (thresholdImages === undefined) return undefined;
    const predictions = await this.predictHeldBack(thresholdImages, spec.testPolicy, epoch);
    return isMultiLabel(predictions) ? tuneThresholds(predictions) : undefined;
  }

  async #predict(
    policy: Policy,
    epoch: number,
    precision: Precision,
    { thresholds, kind }: Pick<ArmEvaluation, 'thresholds'> & { kind?: WorkKind } = {},
  ): Promise<Predictions> {
    const how = { precision, thresholds };
    const predictions = await this.#evaluate(policy, epoch, how, kind);
    const wrong = predictions.probabilities.find((value) => !Number.isFinite(value));
    if (wrong !== undefined) {
      const message =
        `${afterEpoch(epoch)} arm "${this.#options.spec.name}" predicts ${wrong}: its ` +
        'weights are too large or not finite. Try a lower learning rate.';
      throw new FixresRunnerError('non-finite-loss', message);
    }
    return predictions;
  }

  #evaluate(
    policy: Policy,
    epoch: number,
    how: Pick<ArmEvaluation, 'precision' | 'thresholds'>,
    kind: WorkKind = this.#options.evaluator.isKept(policy) ? 'head' : 'evaluate',
  ): Promise<Predictions> {
    const { evaluator } = this.#options;
    const { images } = evaluator;
    return evaluator.evaluate(policy, {
      ...how,
      onBatch: this.#onBatch(policy, { epoch, kind, images }),
    });
  }

  /** Reports the progress of an evaluation that begins now. */
  #onBatch(
    policy: Policy,
    { epoch, kind, images: all }: { epoch: number; kind: WorkKind; images: number },
  ): ArmEvaluation['onBatch'] {
    const { spec, epochs, seed, batchSize, eta, memory, onEvent } = this.#options;
    const began = performance.now();
    let before = 0;
    return (images, stall) => {
      eta.add({ kind, images: images - before, size: policy.output });
      before = images;
      onEvent({
        type: 'progress',
        arm: spec.name,
        seed,
        phase: 'evaluate',
        epoch,
        epochs,
        step: Math.ceil(images / batchSize),
        steps: Math.ceil(all / batchSize),
        imagesPerSecond: images / ((performance.now() - began) / 1000),
        stall,
        etaSeconds: eta.seconds(),
        ...memoryNow(memory),
      });
    };
  }
}

function isMultiLabel(
  predictions: Predictions,
): predictions is Predictions & MultiLabelPredictions {
  return predictions.targets !== undefined;
}
