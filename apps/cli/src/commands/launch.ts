import { availableParallelism } from 'node:os';
import { findGpus } from '@fixres/engine/setup';
import { clusterDefaults } from '@fixres/engine/cluster';
import { counted } from '@fixres/runs/plain-text';
import { PRINT_EVENTS } from '../cluster/print-events.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { boundTo, canBindTo, coreShares } from '../launch/core-shares.ts';
import { freePorts } from '../launch/free-ports.ts';
import { launchOutcome } from '../launch/launch-outcome.ts';
import { ProcessLogs } from '../launch/process-logs.ts';
import { processVariables } from '../launch/process-variables.ts';
import { resumeWords, runFolderOf } from '../launch/resume-words.ts';
import { runProcesses } from '../launch/run-processes.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres launch`, as the command line gives them. */
export interface LaunchOptions {
  processes?: number;
  restarts: number;
  /** What each process is kept on: its share of the cores, or nothing. */
  bindTo?: 'core' | 'none';
  /** Folder for what processes other than the first print. */
  logDir?: string;
}

/** Commands that can run as several processes. */
const launchable = ['train', 'finetune', 'reproduce', 'run', 'resume', 'doctor'];

/** Milliseconds beyond the time of a step that the first process has to end after another failed. */
const SLACK_MS = 30_000;

/** Runs a command as several processes that train together. */
export async function launch(words: readonly string[], options: LaunchOptions): Promise<void> {
  const { restarts } = options;
  if (!launchable.includes(words[0]!))
    throw usage(`Command "${words[0]}" cannot be launched; allowed are ${launchable.join(', ')}.`);
  if (restarts > 0 && runFolderOf(words) === undefined)
    throw usage('Option --restarts needs --out in the command, to find the run again.');
  const cards = await cardNames();
  const processes = options.processes ?? cards.length;
  if (processes === 0) throw usage('Option --processes is missing, and this machine has no GPU.');
  if (cards.length > 0 && processes > cards.length)
    throw usage(
      `Option --processes is ${processes}; there ${cards.length === 1 ? 'is' : 'are'} ${counted(cards.length, 'GPU')}, and each process needs its own (without GPUs: CUDA_VISIBLE_DEVICES=-1).`,
    );
  const shares = sharesFor(processes, cards, options.bindTo);
  const terminal = new Terminal();
  const logs =
    options.logDir === undefined ? undefined : new ProcessLogs(options.logDir, processes);
  for (let started = 0; ; started++) {
    const current = started === 0 ? words : resumeWords(words);
    logs?.begin(started, current);
    const shared = { ports: await freePorts(processes), cores: availableParallelism(), cards };
    const command = [process.execPath, ...process.execArgv, process.argv[1]!, ...current];
    const ends = await runProcesses({
      processes: shared.ports.map((_, rank) => ({
        command: shares === undefined ? command : boundTo(shares[rank]!, command),
        env: {
          ...processVariables(rank, shared, process.env),
          ...(logs && { [PRINT_EVENTS]: '1' }),
        },
      })),
      patience: 1000 * stepTimeoutOf(words) + SLACK_MS,
      outputs: logs?.files ?? new Map(),
      onLine: (rank, line) => {
        logs?.add(rank, line);
        terminal.line(`[process ${rank}] ${line}`);
      },
    });
    const { code, text } = launchOutcome(ends);
    if (code === exitCodes.done) return;
    const isFinal = [exitCodes.usage, exitCodes.interrupted, exitCodes.preempted].includes(
      code as 2 | 130 | 85,
    );
    if (isFinal || started >= restarts) throw new ExitError(code, text);
    terminal.line(`${text} Starting all ${processes} again (${started + 1} of ${restarts}).`);
  }
}

/**
 * The CPUs of each process. With GPUs, processes are not bound: which cores are near a GPU is not
 * known here.
 */
function sharesFor(
  processes: number,
  cards: readonly string[],
  bindTo: LaunchOptions['bindTo'],
): string[] | undefined {
  if (bindTo === 'none' || (bindTo === undefined && cards.length > 0)) return undefined;
  const shares = coreShares(processes);
  if (shares !== undefined && canBindTo(shares[0]!)) return shares;
  if (bindTo === undefined) return undefined;
  const reason =
    shares === undefined
      ? `there are fewer cores than the ${processes} processes, or this system does not list them`
      : 'the program taskset is missing or not allowed';
  throw usage(`Option --bind-to is core; it must be none here, because ${reason}.`);
}

/** Seconds of `--step-timeout` in a command line. */
function stepTimeoutOf(words: readonly string[]): number {
  const text = /(?:^| )--step-timeout[ =](\S+)/.exec(words.join(' '))?.[1];
  return Number(text) || clusterDefaults.stepTimeout;
}

/** The GPUs that TensorFlow would see, as in `CUDA_VISIBLE_DEVICES`. */
async function cardNames(): Promise<string[]> {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  const all = (await findGpus()).map((_, i) => String(i));
  if (all.length === 0 || visible === undefined) return all;
  // As CUDA reads it: names after an invalid one do not count.
  const names = visible.split(',').map((name) => name.trim());
  const end = names.findIndex((name) => name === '' || name.startsWith('-'));
  return end === -1 ? names : names.slice(0, end);
}

function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
