import type {
  ArmRecord,
  ConfigValue,
  DatasetRecord,
  EngineRecord,
  EvaluationRecord,
  Summary,
  RunState,
} from '@fixres/runs/events';
import type { CurvesJson } from './curves.ts';

/** Accuracy of an arm under its own test policy; `null` while there is none. */
export interface ArmScore {
  arm: string;
  accuracy: number | null;
}

/** One line of the runs table. Made from the beginning and the end of files, so it costs the same for huge runs. */
export interface RunRow {
  /** Path below the runs folder, with `/`. */
  id: string;
  status: RunState;
  /** ISO 8601 time of the first event, or of the configuration where there is none yet. */
  startedAt: string;
  /** ISO 8601 time of the last write. */
  updatedAt: string;
  /** Configuration as a flat list, for example `model.name` or `small.schedule.rate`. */
  config: Record<string, ConfigValue>;
  scores: ArmScore[];
  /** What goes on: the last progress event, while it runs. */
  live: LiveProgress | null;
  /** Another text whenever a model or predictions were added, or the process of a finished run printed more: what was loaded of the run is then old. */
  made: string;
  /** What a failed run said last, or why its files cannot be read. */
  problem: string | null;
}

/** The last progress event of a run. */
export interface LiveProgress {
  arm: string;
  /** `train` or `evaluate`. */
  phase: string;
  /** 0-based. */
  epoch: number;
  /** 0 for an arm that is only tested. */
  epochs: number;
  step: number;
  steps: number;
  etaSeconds: number;
  imagesPerSecond: number;
  rssMb: number;
}

/** A row whose configuration is told by its differences from another one. */
export type PackedRow = Omit<RunRow, 'config'> & {
  /** Settings that the other one has not, or has another value of. */
  config: Record<string, ConfigValue>;
  /** Settings that only the other one has. */
  without?: string[];
};

/** A page of the runs table. */
export interface RunsAnswer {
  /** Names this start of the server; versions of another start mean nothing. */
  boot: string;
  version: number;
  /** Runs in the table. */
  total: number;
  /** Those that began last first. */
  rows: PackedRow[];
  /** The configuration that the rows' are told by their differences from. */
  common: Record<string, ConfigValue>;
  /** What to give as `after` for the next page; null on the last one. */
  next: string | null;
  /** Whether runs can be started, stopped and resumed from the page. */
  control: boolean;
}

/** Changes of the runs table. `whole`: `rows` are all there are. */
export interface RowsMessage {
  boot: string;
  version: number;
  whole: boolean;
  rows: RunRow[];
  removed: string[];
}

/** Events of one run from a line of its log on. */
export interface EventsMessage {
  run: string;
  /** Line of the first event. */
  from: number;
  /** Line after the last event. */
  next: number;
  events: unknown[];
}

/** A run's log was replaced or cut; what was read of it is void. */
export interface ResetMessage {
  run: string;
}

/** A trained model that is on disk. */
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

/** An arm of a summary without what other views get from elsewhere: of 1,000 classes the metrics alone have many MB. */
export type ShownArm = Omit<ArmRecord, 'curves' | 'evaluations'> & {
  evaluations: Omit<EvaluationRecord, 'metrics'>[];
};

/** What the page shows of a summary. */
export type ShownSummary = Pick<Summary, 'comparisons' | 'smallestDetectable' | 'seconds'> & {
  arms: ShownArm[];
};

/** All but the curves of one run. */
export interface RunDetail {
  row: RunRow;
  config: unknown;
  environment: unknown;
  summary: ShownSummary | null;
  engine: EngineRecord | null;
  dataset: DatasetRecord | null;
  models: ModelFolder[];
  predictions: PredictionFile[];
  /** Whether the images behind the predictions can be shown, and if not, why. */
  images: { available: boolean; reason: string | null };
  /** The end of what the run's process printed, where that went to a file; null otherwise. */
  output: string | null;
}

/** The prediction for one image. */
export interface PredictionRow {
  file: string;
  /** Index into `classes`. */
  label: number;
  /** The most probable classes, most probable first: index and probability. */
  top: [number, number][];
  /** Probability of the label. */
  labelProbability: number;
}

/** A file of predictions, counted; its rows come page by page. */
export interface PredictionsAnswer {
  classes: string[];
  /** Images in the file. */
  total: number;
  /** Images that can be listed: the first ones of a very large file. */
  listed: number;
  /** Counts that are not 0: label, predicted class, images. */
  confusion: [number, number, number][];
  /** Lines that are not whole predictions. */
  damaged: number;
  /** Whether the file is too large to be read whole; all of this is then of its beginning. */
  isPart: boolean;
}

/** Some of the predictions of a file, as they were asked for. */
export interface PredictionsPage {
  /** How many fit what was asked for. */
  total: number;
  /** Place of the first row among them. */
  from: number;
  rows: PredictionRow[];
}

/** Curves with as many points as a screen shows. */
export interface CurvesAnswer {
  /** Line of the log to go on from. */
  next: number;
  curves: CurvesJson;
}

/** A preset of the FixRes experiment with settings of its own; what is left out is the preset's. */
export interface PresetStart {
  preset: string;
  /** One of {@link ControlAnswer.datasets}. */
  dataset: string;
  /** Pixels. */
  small?: number;
  large?: number;
  /** Stem width of the model. */
  width?: number;
  epochs?: number;
  finetuneEpochs?: number;
  seedCount?: number;
  batchSize?: number;
  /** Most images. */
  limit?: number;
}

/** What a new run is made from: an experiment file, another run's configuration, or a preset. */
export type StartFrom = { file: string } | { run: string } | PresetStart;

/** Asks for a new run. */
export interface StartRequest {
  /** Becomes the name of its folder. */
  name: string;
  from: StartFrom;
}

/** A process that was started from the page since the dashboard began. */
export interface ControlledProcess {
  /** Id of its run. */
  run: string;
  ended: boolean;
  /** What a process that failed said. */
  problem: string | null;
}

/** What can be started, and what was. */
export interface ControlAnswer {
  /** Every change has to carry it. */
  token: string;
  /** Experiment files in the runs folder. */
  files: string[];
  /** Data sets that a preset can be started with. */
  datasets: string[];
  processes: ControlledProcess[];
}
