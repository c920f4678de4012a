import type { HalvingSettings } from '@fixres/runs';
import type { Promotion } from '@fixres/runs/names';
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
  /** Names, in the order of the jobs; none if the jobs are workers. */
  trials: string[];
  /** With halving over epochs: number of workers, each of which runs one trial after another. */
  workers?: number;
  /** ISO 8601. */
  time: string;
}

interface AnyHalving extends HalvingSettings {
  /** The arm from scratch that the arms that are left are compared with. */
  baseline: string;
  /** Seeds of the experiment file, for this comparison. */
  finalSeeds: number[];
}

/** Chooses round by round, with more seeds for the better arms. */
export interface SeedHalving extends AnyHalving {
  over: 'seeds';
  /** Seeds for the choice. None of them is a seed of the experiment file. */
  seeds: number[];
}

/** Chooses rung by rung, with more epochs for the better arms. */
export interface EpochHalving extends AnyHalving {
  over: 'epochs';
  /** Seed of all trials; not one of the experiment file. */
  seed: number;
  /** Epochs after which arms are compared. */
  rungs: number[];
  promotion: Promotion;
}

/** How a sweep chooses among its arms. */
export type SweepHalving = SeedHalving | EpochHalving;

/** Content of `sweep.json`. */
export interface SweepPlan {
  version: 1;
  /** The command that repeats the whole experiment in one run. */
  command: string;
  /** Names, in the order in which one run computes them; with halving over seeds, those of the rounds so far. */
  trials: string[];
  halving?: SweepHalving;
  /** In the order of time. */
  submissions: Submission[];
}
