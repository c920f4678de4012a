import type { ApparentSize } from './gather/apparent-sizes.ts';
import type { RunCosts } from './gather/arm-costs.ts';
import type { ArmMetrics } from './gather/arm-metrics.ts';
import type { ArmMistakes } from './gather/arm-mistakes.ts';
import type { Missing } from './gather/run-images.ts';
import type { RecordedRun } from './record/recorded-run.ts';

/** One picture of a sample grid. */
interface SamplePicture {
  /** Shown below the picture and part of its alternative text, for example the class. */
  label: string;
  /** `data:image/...;base64,...`; anything else is refused, so that a report never loads from elsewhere. */
  dataUri: string;
}

/** What one policy makes of some images. */
export interface SampleGrid {
  title: string;
  /** The policy in words or code, for example `fixresTest @ 224`. */
  policy: string;
  pictures: SamplePicture[];
}

/** All that the report of one run shows. Plain data. */
export interface ReportRun extends RecordedRun {
  /** What the run's folder is called. */
  name: string;
  /** In the order of the summary's arms; arms whose predictions are missing are left out. */
  metrics: ArmMetrics[];
  mistakes: ArmMistakes[];
  costs: RunCosts | Missing;
  apparentSizes: ApparentSize[] | Missing;
  samples: SampleGrid[] | Missing;
}

/** What a report shows: one run, or several. */
export interface ReportInput {
  runs: ReportRun[];
}
