import type { HalvingSettings } from '@fixres/runs';
import type { SweepBackend } from './backend-names.ts';

/** What the jobs of a sweep need. */
export interface JobSettings {
  /** Number of trials at a time. Default: all; one on this machine. */
  maxParallel?: number | undefined;
  /** CPU cores of each trial. */
  cpus?: number | undefined;
  /** GPUs of each trial. */
  gpus?: number | undefined;
  /** The words that start fixres in a job. */
  program: string[];
  /** Options of sbatch. */
  sbatch?: string[] | undefined;
  /** Container image. */
  image?: string | undefined;
  namespace?: string | undefined;
  /** A volume claim and the path at which it is mounted, `<name>:<path>`. */
  claim?: string | undefined;
  /** URL of Ray's dashboard. */
  rayAddress?: string | undefined;
}

/** Trials that were submitted together. */
export interface Submission {
  /**
   * Name of the job or jobs. It is recorded before they are submitted, so a process that is killed
   * in between leaves no unknown jobs.
   */
  name: string;
  on: SweepBackend;
  job: JobSettings;
  /** Names, in the order of the jobs. */
  trials: string[];
  /** ISO 8601. */
  time: string;
}

/** A sweep that chooses among its arms, round by round. */
export interface SweepHalving extends HalvingSettings {
  /** Seeds for the choice. None of them is a seed of the experiment file. */
  seeds: number[];
  /** Seeds of the experiment file, for the comparison of the arms that are left. */
  finalSeeds: number[];
}

/** Content of `sweep.json`. */
export interface SweepPlan {
  version: 1;
  /** The command that repeats the whole experiment in one run. */
  command: string;
  /** Names, in the order in which one run computes them; with halving, those of the rounds so far. */
  trials: string[];
  halving?: SweepHalving;
  /** In the order of time. */
  submissions: Submission[];
}
