/**
 * The event log of a run: one JSON object a line, numbered from 0 without gaps. This module imports nothing, so pages and tools
 * that only read logs do not pull TensorFlow.js in.
 */

/** Version of the run folder's files. It grows when a reader of the old files would misread the new ones. */
export const RUN_FORMAT = 1;

/** The engine that computed a run. */
export interface EngineRecord {
  /** `tensorflow` (native), `wasm` or `cpu`. */
  name: string;
  /** `gpu` or `cpu`. */
  device: string;
  /** Why this engine was chosen, in a sentence. */
  reason: string;
  /** Versions of what computes: `tfjs`, `tensorflow` (native engine only). */
  versions: Record<string, string>;
}

/** The data set of a run. */
export interface DatasetRecord {
  name: string;
  classes: string[];
  /** Number of training images. */
  train: number;
  /** Number of held-out images. */
  heldOut: number;
  /** Files left out because they could not be decoded (only with `skipCorrupt`). */
  skipped: number;
}

/** One point of a training curve, written after every epoch. */
export interface EpochRecord {
  /** 0-based. */
  epoch: number;
  /** Mean training loss over the epoch's images. */
  loss: number;
  /** Accuracy on the augmented training images, as seen while training. */
  accuracy: number;
  /** Accuracy on the held-out images under the arm's own test policy. */
  heldOutAccuracy: number;
  seconds: number;
  imagesPerSecond: number;
  /** Number of live tensors after the epoch; constant unless something leaks. */
  tensors: number;
}

/** Accuracy of an arm under one test policy. Several seeds are pooled: `total` is images x seeds. */
export interface EvaluationRecord {
  /** Policy name, for example `resize` or `fixresTest`. */
  policy: string;
  /** Side of the square input in pixels. */
  size: number;
  accuracy: number;
  ci95: [number, number];
  correct: number;
  total: number;
}

/** What an arm is and what came out. */
export interface ArmRecord {
  name: string;
  /** One sentence for people. */
  description: string;
  /** Side of the square training input in pixels. */
  trainSize: number;
  epochs: number;
  /** Freeze policy, `all` when everything trains. */
  freeze: string;
  /** Arm whose weights it starts from, if any. */
  initFrom: string | null;
  /** Index into `evaluations` of the arm's own test policy. */
  ownEvaluation: number;
  evaluations: EvaluationRecord[];
  /** Seconds of training, evaluation excluded, mean over seeds. Time of the arm it starts from is not included. */
  trainSeconds: number;
  /** Highest resident set size of the process while the arm trained, in 10^6 bytes. */
  peakRssMb: number;
  /** Training curves, one list a seed. */
  curves: { seed: number; epochs: EpochRecord[] }[];
}

export type Verdict = 'better' | 'worse' | 'not distinguishable';

/** A paired comparison of arm `a` with arm `b` on the same held-out images. */
export interface ComparisonRecord {
  a: string;
  b: string;
  /** `own` when each arm is scored under its own test policy, else `<policy>@<size>`. */
  policy: string;
  /** accuracy(a) - accuracy(b). */
  difference: number;
  ci95: [number, number];
  /** Two-sided p-value of the paired test, not corrected. */
  p: number;
  /** Corrected for the number of comparisons (Holm). A verdict needs this under 0.05 and an interval without 0. */
  pAdjusted: number;
  verdict: Verdict;
}

/** The result of a run: `summary.json`, and what `--json` prints. */
export interface Summary {
  format: typeof RUN_FORMAT;
  engine: EngineRecord;
  dataset: DatasetRecord;
  arms: ArmRecord[];
  comparisons: ComparisonRecord[];
  /** Smallest difference in accuracy (0..1) this held-out set could have shown with 80 % power at 5 %. */
  smallestDetectable: number;
  seconds: number;
}

/** Where the features of an arm's frozen layers are kept while it trains. */
export interface FeatureCacheRecord {
  where: 'memory' | 'disk' | 'nowhere';
  form: 'maps' | 'moments' | 'vectors' | null;
  /** The layer that ends the frozen part. */
  cut: string | null;
  /** Features of one view. */
  shape: readonly number[];
  /** Distinct views of the training images. */
  views: number;
  precision: 'full' | 'half';
  /** Bytes that all views take. */
  bytes: number;
  exact: boolean;
  /** One or two sentences for people. */
  explanation: string;
}

interface EventBase {
  /** Number of the event in its run, from 0. */
  n: number;
  /** ISO 8601 time. */
  time: string;
}

export type RunEvent = EventBase &
  (
    | { type: 'run-start'; format: typeof RUN_FORMAT; engine: EngineRecord; dataset: DatasetRecord; config: unknown }
    | { type: 'warning'; message: string }
    /** `after`: the events with higher numbers before this one tell of work that was lost and is done again; see `settledEvents`. */
    | { type: 'run-resumed'; engine: EngineRecord; after: number }
    | {
        type: 'arm-start';
        arm: string;
        seed: number;
        epochs: number;
        stepsPerEpoch: number;
        trainableParameters: number;
        /** Where training goes on, in a run that was taken up again. */
        from?: { epoch: number; step: number };
      }
    | {
        type: 'progress';
        arm: string;
        seed: number;
        /** What is going on: training, or evaluation under a policy. */
        phase: 'train' | 'evaluate';
        epoch: number;
        epochs: number;
        step: number;
        steps: number;
        loss?: number;
        accuracy?: number;
        /** Learning rate of the step. */
        learningRate?: number;
        imagesPerSecond: number;
        /** Part of the time, 0..1, in which training waited for images. */
        stall: number;
        /** Estimated seconds until the whole run ends. */
        etaSeconds: number;
        rssMb: number;
        /** Number of live tensors. */
        tensors: number;
      }
    /** Whether the features of the frozen layers are kept, and why; see `FeaturePlan` of `@fixres/finetune`. */
    | ({ type: 'feature-cache'; arm: string; seed: number } & FeatureCacheRecord)
    | ({ type: 'epoch'; arm: string; seed: number } & EpochRecord)
    | { type: 'evaluation'; arm: string; seed: number; policy: string; size: number; correct: number; total: number }
    | { type: 'frozen-verified'; arm: string; seed: number; frozen: number; moved: number }
    | { type: 'arm-end'; arm: string; seed: number; trainSeconds: number; peakRssMb: number }
    /** The state of training is saved: epochs and steps of the next one done. */
    | { type: 'checkpoint'; arm: string; seed: number; epoch: number; step: number; seconds: number }
    | { type: 'early-stop'; arm: string; seed: number; epoch: number; bestEpoch: number; value: number; restored: boolean }
    | { type: 'run-end'; seconds: number }
    | { type: 'run-interrupted' }
    | { type: 'run-failed'; message: string; images?: readonly string[] }
  );

/** The fields of an event that its writer gives; number and time are added by the log. */
export type RunEventInput = RunEvent extends infer E ? (E extends RunEvent ? Omit<E, keyof EventBase> : never) : never;

/**
 * Parses an event log. A last line cut short by a crash is left out; a damaged line before that is an error.
 *
 * @throws SyntaxError naming the line.
 */
export function parseEvents(text: string): RunEvent[] {
  const lines = text.split('\n');
  const unfinished = lines.pop();
  const events = lines.map((line, i) => {
    try {
      return JSON.parse(line) as RunEvent;
    } catch (cause) {
      throw new SyntaxError(`Event log line ${i + 1} is not JSON.`, { cause });
    }
  });
  if (unfinished) {
    try {
      events.push(JSON.parse(unfinished) as RunEvent);
    } catch {
      // The writer was stopped in the middle of the line.
    }
  }
  return events;
}

/**
 * The events of a run that count: those of work that was lost in a crash and done again are left out. What they said before and what
 * came out in the end need not agree, but for runs that are deterministic.
 */
export function settledEvents(events: readonly RunEvent[]): RunEvent[] {
  let settled: RunEvent[] = [];
  for (const event of events) {
    if (event.type === 'run-resumed') settled = settled.filter(({ n, type }) => n <= event.after || type.startsWith('run-') || type === 'warning');
    settled.push(event);
  }
  return settled;
}
