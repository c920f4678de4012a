import { dirname, join } from 'node:path';
import type { StateArrays } from '../../../checkpoints/state-arrays.ts';
import type { EpochRecord, RunEvent } from '../../../events/events.ts';
import { armFolderName } from '../../../file-names.ts';
import type { RunLog } from '../run-log.ts';
import { EventFile } from './event-file.ts';
import { histogramContent, scalarsContent } from './event-record.ts';
import { histogramOf } from './histogram.ts';

/**
 * Event files for TensorBoard: each `<arm>-seed<n>/` contains scalars of every step and epoch, and
 * histograms of all weights after every epoch. Steps are counted over the whole arm. When a run is
 * resumed, TensorBoard drops the data that was lost. All methods throw FixresRunsError
 * `write-failed`.
 */
export class TensorBoardLog implements RunLog {
  readonly #folder: string;
  #file: EventFile | undefined;
  #stepsPerEpoch = 1;
  #steps = Infinity;

  /** @param folder in the folder of a run */
  constructor(folder: string) {
    this.#folder = folder;
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'arm-start': {
        const { arm, seed, stepsPerEpoch, steps = Infinity, from = { epoch: 0, step: 0 } } = event;
        this.close();
        this.#stepsPerEpoch = stepsPerEpoch;
        this.#steps = steps;
        this.#file = new EventFile(
          dirname(this.#folder),
          join(this.#folder, armFolderName({ arm, seed })),
          from.epoch * stepsPerEpoch + from.step + 1,
        );
        return;
      }
      case 'progress': {
        if (event.phase !== 'train') return;
        const {
          loss = NaN,
          accuracy = NaN,
          learningRate = NaN,
          imagesPerSecond,
          stall,
          rssMb,
          tensors,
        } = event;
        const numbers = {
          'train/loss': loss,
          'train/accuracy': accuracy,
          'train/learning_rate': learningRate,
          'speed/images_per_second': imagesPerSecond,
          'speed/stall': stall,
          'memory/rss_mb': rssMb,
          'memory/tensors': tensors,
        };
        this.#file?.write(event.epoch * this.#stepsPerEpoch + event.step, scalarsContent(numbers));
        return;
      }
      case 'epoch': {
        const { loss, accuracy, heldOutAccuracy } = event;
        const numbers = {
          'epoch/loss': loss,
          'epoch/accuracy': accuracy,
          'epoch/held_out_accuracy': heldOutAccuracy,
        };
        this.#file?.write(this.#endOf(event), scalarsContent(numbers));
        return;
      }
      default:
    }
  }

  async onEpoch(
    _arm: string,
    _seed: number,
    record: EpochRecord,
    weights: () => Promise<StateArrays>,
  ): Promise<void> {
    for (const [name, { values }] of await weights()) {
      this.#file?.write(this.#endOf(record), histogramContent(name, histogramOf(values)));
    }
  }

  /** Steps at the end of an epoch; the last one can be shorter. */
  #endOf({ epoch }: Pick<EpochRecord, 'epoch'>): number {
    return Math.min((epoch + 1) * this.#stepsPerEpoch, this.#steps);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
