import type { PredictionQuery } from '../../shared/prediction-query.ts';
import { fileVersion } from '../open-inside.ts';
import { readClasses } from '../runs/run-detail.ts';
import { openPredictions } from '../runs/run-files.ts';
import { jsonBytes } from './json-bytes.ts';
import { PredictionTable } from './prediction-table.ts';
import { readCalibration } from './read-calibration.ts';
import { Recent } from './recent.ts';
import type { Turns } from './turns.ts';

/** Maximum rows of a file: about 40 MB. */
const MAX_ROWS = 262_144;
/**
 * About the size of the predictions for 50,000 images and 1,000 classes, which are read in seconds.
 */
const MAX_BYTES = 512 << 20;
/** Maximum rows of all files that are cached for the next request. */
const MAX_KEPT_ROWS = 600_000;
/** Maximum images of a calibration, which is computed in about a second. */
const MAX_CALIBRATED = 10_000;
/** 80 MB. */
const MAX_PROBABILITIES = 20_000_000;
/** Weight of a file without rows. */
const FILE_ROWS = 1000;

interface KeptFile {
  /** Of the file and of the run's classes. */
  version: string;
  table: Promise<PredictionTable>;
  rows: number;
  overview: Uint8Array | undefined;
}

/**
 * Files of predictions. A file is cached as long as it is unchanged; requests during the reading
 * wait for the same result.
 */
export class PredictionStore {
  readonly #turns: Turns;
  readonly #files = new Recent<KeptFile>(MAX_KEPT_ROWS, ({ rows }) => rows + FILE_ROWS);

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** A `PredictionsAnswer` as JSON; undefined if there is no such file. */
  async overview(folder: string, name: string): Promise<Uint8Array | undefined> {
    const file = await this.#file(folder, name);
    if (file) file.overview ??= jsonBytes((await file.table).overview);
    return file?.overview;
  }

  /** A `CalibrationAnswer` as JSON; undefined if there is no such file. */
  async calibration(folder: string, name: string): Promise<Uint8Array | undefined> {
    const opened = await openPredictions(folder, name);
    if (!opened) return undefined;
    try {
      const classes = await readClasses(folder);
      return jsonBytes(
        await readCalibration(opened.handle, classes, this.#turns, {
          maxImages: MAX_CALIBRATED,
          maxProbabilities: MAX_PROBABILITIES,
        }),
      );
    } finally {
      await opened.handle.close();
    }
  }

  /** A `PredictionsPage` as JSON; undefined if there is no such file. */
  async page(
    folder: string,
    name: string,
    query: PredictionQuery,
  ): Promise<Uint8Array | undefined> {
    const table = await this.#table(folder, name);
    return table && jsonBytes(table.page(query));
  }

  /** Whether an image is in a file of predictions. */
  async isPredicted(folder: string, name: string, image: string): Promise<boolean> {
    return (await this.#table(folder, name))?.has(image) ?? false;
  }

  /** The first images in a file of predictions. */
  async predictedImages(folder: string, name: string, most: number): Promise<string[]> {
    return (await this.#table(folder, name))?.firstFiles(most) ?? [];
  }

  async #table(folder: string, name: string): Promise<PredictionTable | undefined> {
    return (await this.#file(folder, name))?.table;
  }

  async #file(folder: string, name: string): Promise<KeptFile | undefined> {
    const opened = await openPredictions(folder, name);
    if (!opened) return undefined;
    const { handle, info } = opened;
    const key = `${folder}\n${name}`;
    let isRead = false;
    try {
      const classes = await readClasses(folder);
      const version = `${fileVersion(info)}\n${classes.join('\n')}`;
      const known = this.#files.get(key);
      if (known?.version === version) return known;
      isRead = true;
      const table = PredictionTable.read(handle, classes, this.#turns, {
        maxRows: MAX_ROWS,
        maxBytes: MAX_BYTES,
      }).finally(() => void handle.close());
      const file: KeptFile = { version, table, rows: 0, overview: undefined };
      this.#files.set(key, file);
      table.then(
        ({ length }) => {
          file.rows = length;
          this.#files.trim();
        },
        () => this.#files.get(key) === file && this.#files.delete(key),
      );
      return file;
    } finally {
      if (!isRead) await handle.close();
    }
  }
}
