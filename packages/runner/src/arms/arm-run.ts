import { type MultiLabelHead, parsePreprocessingContract } from '@fixres/data';
import type { JsonValue, ModelCard } from '@fixres/models';
import {
  type ActivationRecord,
  type ArmCheckpoint,
  type ArmSpec,
  candidatesToMeasure,
  corruptionConditions,
  endsWithinEpoch,
  type FinishedArm,
  type MultiLabelResult,
  noProgress,
  type StateArrays,
  type TrainingProgress,
} from '@fixres/runs';
import type { Policy } from '@fixres/data';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { armActivations } from '../analysis/arm-activations.ts';
import { type CountedCompute, countCompute } from '../compute/image-compute.ts';
import { stagedCompute } from '../compute/staged-compute.ts';
import { teacherCompute } from '../compute/teacher-compute.ts';
import type { ArmTests } from '../evaluation/arm-tester.ts';
import type { ImageSource } from '../images/image-source.ts';
import { activationWork, type ArmWork, armWork, imageCounts } from '../progress/arm-work.ts';
import { trainWeights } from '../training/train-weights.ts';
import type { ArmContext, PreparedArm } from './arm-context.ts';
import { startTeacher } from './start-model.ts';

/** Trains and evaluates an arm with one seed, from its latest checkpoint if there is one. */
export class ArmRun {
  readonly #model: LayersModel;
  readonly #spec: ArmSpec;
  #context: ArmContext;
  readonly #prepared: PreparedArm;
  /** The images to train on, or their cached features. */
  readonly #train: ImageSource;
  readonly #isFirstSeed: boolean;
  /**
   * Whether the activations of a model from a folder are measured before it trains. Other arms use
   * those of the arm they are initialised from.
   */
  readonly #measuresStored: boolean;
  readonly #activations: ActivationRecord[] = [];
  /** What the arm's teacher takes for an image, if it has trained with one. */
  #ofTeacher: ReturnType<typeof teacherCompute> = () => undefined;
  #saved: ArmCheckpoint | undefined;
  #progress: TrainingProgress = noProgress();

  /** @param model with the initial weights of the arm */
  constructor(model: LayersModel, spec: ArmSpec, context: ArmContext, prepared: PreparedArm) {
    const { experiment, options, seed } = context;
    this.#model = model;
    this.#spec = spec;
    this.#context = context;
    this.#prepared = prepared;
    this.#train = prepared.features.cached?.train ?? options.train;
    this.#isFirstSeed = seed === experiment.seeds[0];
    this.#measuresStored =
      experiment.model.folder !== undefined && spec.initFrom === null && prepared.length.epochs > 0;
  }

  /** Afterwards the model has the weights of the arm. */
  async run(): Promise<Omit<FinishedArm, 'weights'>> {
    await this.#load();
    this.#announce();
    this.#expectAll();
    if (this.#measuresStored) await this.#measureActivations('stored');
    this.#context.options.memory.reset();
    const best = await this.#trainWeights();
    // Evaluations at larger sizes can take more.
    const peakRssMb = this.#peakRssMb();
    // The evaluations include the chosen sizes.
    const experiment = await this.#context.measureSizes?.((source, policy) =>
      this.#prepared.tester.predictHeldBack(source, policy, this.#lastEpoch),
    );
    if (experiment) this.#context = { ...this.#context, experiment };
    this.#expectTests();
    await this.#verifyFrozen();
    await this.#measureActivations('trained');
    const tests = await this.#testUnderAll();
    return this.#finish({ best, peakRssMb, tests });
  }

  async #load(): Promise<void> {
    const { store, seed } = this.#context;
    this.#saved = await store?.load(this.#spec.name, seed);
    if (this.#saved) this.#progress = this.#saved.progress;
  }

  #announce(): void {
    const { seed, options } = this.#context;
    const { handle, features, length, statistics } = this.#prepared;
    const { onEvent } = options;
    const { epoch, step } = this.#progress;
    const arm = this.#spec.name;
    onEvent({
      type: 'arm-start',
      arm,
      seed,
      epochs: length.epochs,
      stepsPerEpoch: length.stepsPerEpoch,
      ...(endsWithinEpoch(length) && { steps: length.steps }),
      trainableParameters: handle.counts.trainable,
      ...(this.#saved && { from: { epoch, step } }),
    });
    if (handle.counts.frozen > 0 && length.epochs > 0) {
      const from = features.cached?.from;
      onEvent({ type: 'feature-cache', arm, seed, ...features.plan, ...(from && { from }) });
    }
    const warning = statistics.warning();
    if (warning !== undefined && !this.#saved) onEvent({ type: 'warning', message: warning });
  }

  /** The remaining work, for the time estimate. */
  #work(left: Pick<ArmWork, 'norms' | 'features' | 'done' | 'measurements'>): ArmWork {
    const { experiment, options, measureSizes } = this.#context;
    return {
      spec: this.#spec,
      experiment,
      images: imageCounts(this.#train.size, options),
      isFirstSeed: this.#isFirstSeed,
      candidates: measureSizes ? candidatesToMeasure(experiment) : [],
      ...left,
    };
  }

  #expectAll(): void {
    const { eta } = this.#context;
    const { features, statistics } = this.#prepared;
    eta.strike(this.#spec, this.#isFirstSeed);
    eta.expect(
      armWork(
        this.#work({
          norms: { ...statistics.images, ...(this.#saved && { before: 0 }) },
          features: features.cached?.toCompute,
          done: this.#progress,
          measurements: this.#measuresStored ? 2 : 1,
        }),
      ),
    );
  }

  /** After training only evaluations remain, whatever was expected of the training. */
  #expectTests(): void {
    const { cached } = this.#prepared.features;
    this.#context.eta.expect(
      armWork(
        this.#work({
          norms: { before: 0, epoch: 0, after: 0 },
          features: cached && { train: 0, heldOut: cached.heldOut && 0 },
          done: { epoch: this.#prepared.length.epochs, images: 0 },
          measurements: 1,
        }),
      ),
    );
  }

  async #measureActivations(state: ActivationRecord['state']): Promise<void> {
    if (!this.#isFirstSeed) return;
    const { experiment, seed, options, eta } = this.#context;
    const { onEvent } = options;
    const { onWarning } = this.#prepared;
    const records = await armActivations(this.#model, { ...options, experiment, state, onWarning });
    for (const item of activationWork(experiment, options.heldOut.size)) eta.add(item);
    this.#activations.push(...records);
    // The log of a resumed arm already contains the activations of the stored model.
    if (state === 'stored' && this.#saved) return;
    for (const record of records)
      onEvent({ type: 'activations', arm: this.#spec.name, seed, ...record });
  }

  /** @returns the weights of the best epoch, if they are kept */
  async #trainWeights(): Promise<StateArrays | undefined> {
    const { length, statistics } = this.#prepared;
    const progress = this.#progress;
    // A saved state contains them.
    if (!this.#saved) progress.trainSeconds += await statistics.beforeTraining();
    const best = length.epochs === 0 ? undefined : await this.#trainEpochs();
    progress.trainSeconds += await statistics.afterTraining(progress.epoch - 1);
    return best;
  }

  async #trainEpochs(): Promise<StateArrays | undefined> {
    const teacher = await startTeacher(this.#spec, this.#context.options);
    try {
      this.#ofTeacher = teacherCompute(teacher, this.#spec);
      return await trainWeights(this.#model, this.#spec, {
        ...this.#context,
        ...this.#prepared,
        teacher,
        saved: this.#saved,
        progress: this.#progress,
        peakRssMb: () => this.#peakRssMb(),
      });
    } finally {
      teacher?.dispose();
    }
  }

  #peakRssMb(): number {
    return Math.max(this.#saved?.peakRssMb ?? 0, this.#context.options.memory.peakMb());
  }

  /** Proves that no frozen variable changed. */
  async #verifyFrozen(): Promise<void> {
    const { seed, options } = this.#context;
    const { handle } = this.#prepared;
    const proof = await handle.verify({ strict: true });
    options.onEvent({
      type: 'frozen-verified',
      arm: this.#spec.name,
      seed,
      frozen: handle.frozen.length,
      moved: proof.changed.length,
    });
  }

  /** 0-based; -1 for an arm without epochs. */
  get #lastEpoch(): number {
    return this.#progress.curve.length - 1;
  }

  async #testUnderAll(): Promise<ArmTests> {
    const { evaluations, corruptions } = this.#context.experiment;
    const { tester } = this.#prepared;
    const tests = await tester.testUnder(evaluations, this.#lastEpoch);
    const corrupted = await tester.testCorrupted(
      corruptionConditions(corruptions),
      this.#lastEpoch,
    );
    return { ...tests, correct: new Map([...tests.correct, ...corrupted]) };
  }

  async #finish({
    best,
    peakRssMb,
    tests,
  }: {
    best: StateArrays | undefined;
    peakRssMb: number;
    tests: ArmTests;
  }): Promise<Omit<FinishedArm, 'weights'>> {
    const { seed, options, card } = this.#context;
    const { handle, features } = this.#prepared;
    const { trainSeconds, curve, best: bestEpoch } = this.#progress;
    const arm = this.#spec.name;
    const compute = this.#trainedCompute();
    // The order of a model's weights depends on which are trainable; the receiver of the model
    // expects the original order.
    handle.restore();
    await options.onModel?.(arm, seed, this.#model, withThresholds(card, tests.multiLabel));
    options.onEvent({ type: 'arm-end', arm, seed, trainSeconds, ...compute, peakRssMb });
    const featuresFrom = features.cached?.from;
    const result = {
      seed,
      trainSeconds,
      ...compute,
      peakRssMb,
      curve,
      ...tests,
      activations: this.#activations,
      ...(featuresFrom && { featuresFrom }),
    };
    return { result, best: bestEpoch && best ? { ...bestEpoch, weights: best } : undefined };
  }

  /** The training compute, if the multiply-adds of all layers are known. */
  #trainedCompute(): { trainMultiplyAdds?: number } {
    const { handle, length, statistics } = this.#prepared;
    const costOf = (policy: Policy): CountedCompute =>
      countCompute(handle, policy, this.#ofTeacher(policy));
    if (costOf(this.#spec.trainPolicy).unknownLayers.length > 0) return {};
    const { before, after } = statistics.images;
    const compute = stagedCompute(this.#spec, length, {
      images: this.#train.size,
      epochs: this.#progress.epoch,
      forwardOnly: before + after,
      costOf,
    });
    return { trainMultiplyAdds: Number(compute) };
  }
}

/** A card with the thresholds that were chosen for the classes of a multi-label model. */
function withThresholds(
  card: ModelCard,
  multiLabel: Pick<MultiLabelResult, 'thresholds'> | undefined,
): ModelCard {
  if (multiLabel === undefined) return card;
  const contract = parsePreprocessingContract(card.contract);
  const head: MultiLabelHead = { activation: 'sigmoid', thresholds: multiLabel.thresholds };
  return { ...card, contract: { ...contract, head } as unknown as JsonValue };
}
