import { appendFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policy } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import { saveModelFolder, writeAside } from '@fixres/models/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../errors.ts';
import type { Predictions } from '../evaluate.ts';
import type { RunEvent, RunEventInput, Summary } from '../events.ts';
import { evaluationKey } from '../experiment.ts';

/** What the images of a run's predictions are called. */
export interface PredictionNames {
  /** `<class>/<file>` of each held-out image. */
  ids: readonly string[];
  classNames: readonly string[];
}

/**
 * The folder of a run: `config.json`, `environment.json`, `events.jsonl` (grows while it runs), `predictions/*.jsonl`,
 * `models/<arm>-seed<n>/`, and `summary.json`, which is written last: a folder without it holds no finished run.
 */
export class RunFolder {
  readonly path: string;
  #events = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder.
   *
   * @throws FixresRunnerError `run-exists` when there is something in it already
   */
  static async create(path: string, config: unknown, environment: unknown): Promise<RunFolder> {
    await mkdir(path, { recursive: true });
    if ((await readdir(path)).length > 0) {
      throw new FixresRunnerError('run-exists', `Run folder "${path}" is not empty. Choose another with --out, or remove it.`);
    }
    const folder = new RunFolder(path);
    await folder.#writeJson('config.json', config);
    await folder.#writeJson('environment.json', environment);
    await mkdir(join(path, 'predictions'));
    await mkdir(join(path, 'models'));
    return folder;
  }

  /** Appends an event, numbered and dated. Written at once, so that a crash loses nothing that happened before it. */
  append(input: RunEventInput): RunEvent {
    const event = { n: this.#events++, time: new Date().toISOString(), ...input };
    appendFileSync(join(this.path, 'events.jsonl'), `${JSON.stringify(event)}\n`);
    return event;
  }

  /** Writes `predictions/<arm>-seed<n>-<policy>@<size>.jsonl`: one line an image. */
  async writePredictions(arm: string, seed: number, policy: Policy, predictions: Predictions, names: PredictionNames): Promise<void> {
    const { probabilities, classes, labels } = predictions;
    const lines = names.ids.map((file, i) => {
      const row = Array.from(probabilities.subarray(i * classes, (i + 1) * classes), (p) => Number(p.toPrecision(6)));
      return JSON.stringify({ file, label: names.classNames[labels[i]!], probabilities: row });
    });
    const file = join(this.path, 'predictions', `${arm}-seed${seed}-${evaluationKey(policy)}.jsonl`);
    await writeAside(file, `${lines.join('\n')}\n`);
  }

  /** Saves a trained model and its card as the model folder `models/<arm>-seed<n>/`. */
  async writeModel(arm: string, seed: number, model: LayersModel, card: ModelCard): Promise<void> {
    await saveModelFolder(model, join(this.path, 'models', `${arm}-seed${seed}`), card);
  }

  async writeSummary(summary: Summary): Promise<void> {
    await this.#writeJson('summary.json', summary);
  }

  async #writeJson(name: string, value: unknown): Promise<void> {
    await writeAside(join(this.path, name), `${JSON.stringify(value, null, 2)}\n`);
  }
}
