import type { ArmSpec, Experiment } from './experiment.ts';

/** A pass backwards costs about twice a pass forwards. */
const TRAIN_COST = 3;
/** With a frozen trunk nearly nothing is passed backwards. */
const FINETUNE_COST = 1.1;

/** Estimates the time left of an experiment from the work done: images weighted by pixels and passes. */
export class Eta {
  readonly #costOf: (arm: ArmSpec) => number;
  readonly #started: number = performance.now();
  #total: number;
  #done = 0;

  constructor({ arms, evaluations, seeds }: Experiment, trainImages: number, heldOutImages: number) {
    const evaluating = evaluations.reduce((cost, policy) => cost + heldOutImages * imageCost(policy.output.width), 0);
    this.#costOf = (arm) => {
      const training = trainImages * imageCost(arm.trainPolicy.output.width, arm.freeze === 'all');
      const curve = heldOutImages * imageCost(arm.testPolicy.output.width);
      return arm.epochs * (training + curve) + evaluating;
    };
    this.#total = arms.reduce((sum, arm) => sum + this.#costOf(arm), 0) * seeds.length;
  }

  /** Counts images as done. `trainsAll` is undefined for evaluation. */
  add(images: number, side: number, trainsAll?: boolean): void {
    this.#done += images * imageCost(side, trainsAll);
  }

  /** Takes images out of what there is to do: they were done before, or will not be. */
  skip(images: number, side: number, trainsAll?: boolean): void {
    this.#total -= images * imageCost(side, trainsAll);
  }

  /** Takes an arm of one seed out of what there is to do. */
  skipArm(arm: ArmSpec): void {
    this.#total -= this.#costOf(arm);
  }

  /** Estimated seconds left. */
  seconds(): number {
    const elapsed = (performance.now() - this.#started) / 1000;
    return this.#done === 0 ? 0 : (elapsed / this.#done) * Math.max(this.#total - this.#done, 0);
  }
}

function imageCost(side: number, trainsAll?: boolean): number {
  const passes = trainsAll === undefined ? 1 : trainsAll ? TRAIN_COST : FINETUNE_COST;
  return passes * side * side;
}
