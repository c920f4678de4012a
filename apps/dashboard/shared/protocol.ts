import type { ImageSize } from '@fixres/data';
import type {
  ArmRecord,
  ConfigValue,
  DatasetRecord,
  EngineRecord,
  EvaluationRecord,
  PooledMultiLabel,
  Summary,
  RunState,
} from '@fixres/runs/events';
import type { CalibrationBin, CalibrationDescription } from '@fixres/runs';
import type { CurvesJson } from './curves.ts';

/** Accuracy of an arm under its own test policy; `null` while there is none. */
export interface ArmScore {
  arm: string;
  accuracy: number | null;
}

/**
 * One row of the runs table. Read from the start and the end of files, so it costs the same for
 * huge runs.
 */
export interface RunRow {
  /** Path in the runs folder, with `/`. */
  id: string;
  status: RunState;
  /** ISO 8601 time of the first event, or of the configuration if there is no event yet. */
  startedAt: string;
  /** ISO 8601 time of the last write. */
  updatedAt: string;
  /** Configuration as a flat list, for example `model.name` or `small.schedule.rate`. */
  config: Record<string, ConfigValue>;
  scores: ArmScore[];
  /** The last progress event, while the run is running. */
  live: LiveProgress | null;
  /**
   * Changes whenever a model or predictions were added, or the process of a finished run printed
   * more: loaded parts of the run are then outdated.
   */
  made: string;
  /** The last message of a failed run, or why its files cannot be read. */
  problem: string | null;
}

/** The last progress event of a run. */
export interface LiveProgress {
  arm: string;
  /** `train` or `evaluate`. */
  phase: string;
  /** 0-based; -1 for an arm that is only evaluated. */
  epoch: number;
  /** 0 for an arm that is only evaluated. */
  epochs: number;
  step: number;
  steps: number;
  etaSeconds: number;
  imagesPerSecond: number;
  rssMb: number;
}

/** A row whose configuration is stored as differences from another one. */
export type PackedRow = Omit<RunRow, 'config'> & {
  /** Settings that the other row does not have, or has with another value. */
  config: Record<string, ConfigValue>;
  /** Settings that only the other row has. */
  without?: string[];
};

/** A page of the runs table. */
export interface RunsAnswer {
  /** Identifies this start of the server; versions of another start are not valid. */
  boot: string;
  version: number;
  /** Runs in the table. */
  total: number;
  /** The latest start first. */
  rows: PackedRow[];
  /** The configuration from which those of the rows differ. */
  common: Record<string, ConfigValue>;
  /** `after` of the next page; null on the last one. */
  next: string | null;
  /** Whether runs can be started, stopped and resumed from the page. */
  control: boolean;
}

/** Changes of the runs table. `whole`: `rows` are all rows. */
export interface RowsMessage {
  boot: string;
  version: number;
  whole: boolean;
  rows: RunRow[];
  removed: string[];
}

/** Events of one run, starting at a line of its log. */
export interface EventsMessage {
  run: string;
  /** Line of the first event. */
  from: number;
  /** Line after the last event. */
  next: number;
  events: unknown[];
}

/** A run's log was replaced or truncated; discard its earlier content. */
export interface ResetMessage {
  run: string;
}

/** A trained model on disk. */
export interface ModelFolder {
  /** `<arm>-seed<n>`. */
  name: string;
  arm: string;
  seed: number;
}

/** A file of predictions. */
export interface PredictionFile {
  /** File name. */
  name: string;
  arm: string;
  seed: number;
  /** `<policy>@<size>`. */
  evaluation: string;
}

/**
 * An arm of a summary without the parts that other views load separately: with 1,000 classes the
 * metrics alone have many MB.
 */
export type ShownArm = Omit<ArmRecord, 'curves' | 'evaluations'> & {
  evaluations: ShownEvaluation[];
};

interface ShownEvaluation extends Omit<EvaluationRecord, 'metrics' | 'multiLabel'> {
  multiLabel?: Pick<PooledMultiLabel, 'meanAveragePrecision'>;
}

/** The page's part of a summary. */
export type ShownSummary = Pick<
  Summary,
  'comparisons' | 'factorial' | 'robustness' | 'seedStopping' | 'smallestDetectable' | 'seconds'
> & {
  arms: ShownArm[];
};

/** Everything except the curves of one run. */
export interface RunDetail {
  row: RunRow;
  config: unknown;
  environment: unknown;
  summary: ShownSummary | null;
  engine: EngineRecord | null;
  dataset: DatasetRecord | null;
  models: ModelFolder[];
  predictions: PredictionFile[];
  /** Whether the images of the predictions can be shown, and if not, why. */
  images: { available: boolean; reason: string | null };
  /** The end of the output of the run's process, if it is in a file; otherwise null. */
  output: string | null;
}

/** The prediction for one image. */
export interface PredictionRow {
  file: string;
  /** Index into `classes`; of a multi-label image the first of its labels, or -1. */
  label: number;
  /** Of a multi-label image: all its labels, and whether exactly these reached their thresholds. */
  labels?: { all: number[]; exact: boolean };
  /** The most probable classes, most probable first: index and probability. */
  top: [number, number][];
  /** Probability of the label; of a multi-label image the lowest of its labels, 1 for none. */
  labelProbability: number;
}

/** The counts of a file of predictions; its rows are sent in pages. */
export interface PredictionsAnswer {
  classes: string[];
  /** Images in the file. */
  total: number;
  /** Number of images that can be listed: the first ones of a very large file. */
  listed: number;
  /** Whether images have any number of labels; there is then no confusion matrix. */
  multiLabel: boolean;
  /** Number of images that are classified correctly. */
  correct: number;
  /** Counts that are not 0: label, predicted class, images. */
  confusion: [number, number, number][];
  /** Lines that are not complete predictions. */
  damaged: number;
  /**
   * Whether the file is too large to be read completely; all of these numbers then cover its
   * beginning.
   */
  isPart: boolean;
}

/** How well the confidences of a file of predictions fit its accuracy. */
export interface CalibrationAnswer {
  /** Number of images: the first ones of a very large file. */
  images: number;
  /** Whether the file has more images. */
  isPart: boolean;
  /** Lines that are not complete predictions. */
  damaged: number;
  /** `null` without images, and for images with any number of labels. */
  calibration: (CalibrationDescription & { bins: CalibrationBin[] }) | null;
}

/** Some of the predictions of a file, as requested. */
export interface PredictionsPage {
  /** Number of predictions that match the request. */
  total: number;
  /** Position of the first row among them. */
  from: number;
  rows: PredictionRow[];
}

/** Curves with as many points as a screen shows. */
export interface CurvesAnswer {
  /** Next line of the log. */
  next: number;
  curves: CurvesJson;
}

/** A preset of the FixRes experiment with custom settings; missing settings are the preset's. */
export interface PresetStart {
  preset: string;
  /** One of {@link ControlAnswer.datasets}. */
  dataset: string;
  /** The side of a square in pixels, or height and width. */
  small?: ImageSize;
  large?: ImageSize;
  /** Stem width of the model. */
  width?: number;
  epochs?: number;
  finetuneEpochs?: number;
  seedCount?: number;
  batchSize?: number;
  /** Maximum number of images. */
  limit?: number;
}

/** Source of a new run: an experiment file, another run's configuration, or a preset. */
export type StartFrom = { file: string } | { run: string } | PresetStart;

/** Request for a new run. */
export interface StartRequest {
  /** Becomes the name of its folder. */
  name: string;
  from: StartFrom;
}

/** A process started from the page since the dashboard started. */
export interface ControlledProcess {
  /** Id of its run. */
  run: string;
  ended: boolean;
  /** The last output of a failed process. */
  problem: string | null;
}

/** What can be started, and what was started. */
export interface ControlAnswer {
  /** Required in every change. */
  token: string;
  /** Experiment files in the runs folder. */
  files: string[];
  /** Data sets for a preset. */
  datasets: string[];
  processes: ControlledProcess[];
}
