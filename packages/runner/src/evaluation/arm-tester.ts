import { type Corruption, imageSizeOf, type Policy, withCorruption } from '@fixres/data';
import type { ArmEvaluator } from './arm-evaluator.ts';
import { FixresRunnerError } from '../errors.ts';
import type { Eta } from '../progress/eta.ts';
import {
  type ArmSpec,
  describePredictions,
  evaluationKey,
  type Precision,
  type PredictionMetrics,
  type Predictions,
  type RunEventInput,
} from '@fixres/runs';
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
  metrics: Map<string, PredictionMetrics>;
}

/** Evaluates an arm, and reports progress and results. */
export class ArmTester {
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
    for (const policy of policies) {
      const predictions = await this.#predict(policy, epoch, 'float32');
      const { top1, ...metrics } = describePredictions(predictions);
      tests.correct.set(evaluationKey(policy), predictions.correct);
      tests.metrics.set(evaluationKey(policy), metrics);
      await onPredictions?.(spec.name, seed, policy, predictions);
      const { name, output } = policy;
      onEvent({
        type: 'evaluation',
        arm: spec.name,
        seed,
        policy: name,
        size: imageSizeOf(output),
        correct: top1.correct,
        total: top1.total,
        metrics,
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
      const predictions = await this.#predict(policy, epoch, 'float32', 'corrupted');
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

  async #predict(
    policy: Policy,
    epoch: number,
    precision: Precision,
    kind?: WorkKind,
  ): Promise<Predictions> {
    const predictions = await this.#evaluate(policy, epoch, precision, kind);
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
    precision: Precision,
    kind: WorkKind = this.#options.evaluator.isKept(policy) ? 'head' : 'evaluate',
  ): Promise<Predictions> {
    const { evaluator, spec, epochs, seed, batchSize, eta, memory, onEvent } = this.#options;
    const began = performance.now();
    let before = 0;
    return evaluator.evaluate(policy, {
      precision,
      onBatch: (images, stall) => {
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
          steps: Math.ceil(evaluator.images / batchSize),
          imagesPerSecond: images / ((performance.now() - began) / 1000),
          stall,
          etaSeconds: eta.seconds(),
          ...memoryNow(memory),
        });
      },
    });
  }
}
