import type { Experiment } from './experiment.ts';

/** A pass backwards costs about twice a pass forwards. */
const TRAIN_COST = 3;
/** With a frozen trunk nearly nothing is passed backwards. */
const FINETUNE_COST = 1.1;

/** Estimates the time left of an experiment from the work done: images weighted by pixels and passes. */
export class Eta {
  readonly #total: number;
  readonly #started: number = performance.now();
  #done = 0;

  constructor(experiment: Experiment, trainImages: number, heldOutImages: number) {
    const perSeed = experiment.arms.reduce((sum, arm) => {
      const training = trainImages * imageCost(arm.trainPolicy.output.width, arm.freeze === 'all');
      const curve = heldOutImages * imageCost(arm.testPolicy.output.width);
      const evaluations = experiment.evaluations.reduce((cost, policy) => cost + heldOutImages * imageCost(policy.output.width), 0);
      return sum + arm.epochs * (training + curve) + evaluations;
    }, 0);
    this.#total = perSeed * experiment.seeds.length;
  }

  /** Counts images as done. `trainsAll` is undefined for evaluation. */
  add(images: number, side: number, trainsAll?: boolean): void {
    this.#done += images * imageCost(side, trainsAll);
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
