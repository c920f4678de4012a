import type { EpochRecord } from '../events/events.ts';

/** The epoch that was best so far. */
export interface BestEpoch {
  /** 0-based. */
  epoch: number;
  /** Value of the monitored metric. */
  value: number;
}

/**
 * Progress of an arm's training, as plain data. Together with the numbers of `Trainer.state` it is
 * enough to resume training: order and views of the images, and the learning rate, follow from
 * epoch and step.
 */
export interface TrainingProgress {
  /** 0-based; the number of epochs when all are finished. */
  epoch: number;
  /** Updates done in this epoch. */
  step: number;
  /**
   * Over this epoch so far: images seen, their summed loss, and the number classified correctly.
   */
  images: number;
  lossSum: number;
  correct: number;
  /** Seconds of this epoch so far, and the seconds in which training waited for images. */
  seconds: number;
  waited: number;
  /** Seconds of training in the earlier epochs. */
  trainSeconds: number;
  /** The earlier epochs. */
  curve: EpochRecord[];
  best: BestEpoch | null;
  /** Early stopping ended the arm. */
  stopped: boolean;
}

/** The progress of an arm that has not started. */
export function noProgress(): TrainingProgress {
  return { ...epochStart(0), trainSeconds: 0, curve: [], best: null, stopped: false };
}

/** Adds the finished epoch to the curve and starts the next one. */
export function finishEpoch(progress: TrainingProgress, record: EpochRecord): void {
  Object.assign(progress, {
    ...epochStart(progress.epoch + 1),
    trainSeconds: progress.trainSeconds + progress.seconds,
    curve: [...progress.curve, record],
  });
}

function epochStart(
  epoch: number,
): Pick<
  TrainingProgress,
  'epoch' | 'step' | 'images' | 'lossSum' | 'correct' | 'seconds' | 'waited'
> {
  return { epoch, step: 0, images: 0, lossSum: 0, correct: 0, seconds: 0, waited: 0 };
}
