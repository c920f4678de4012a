import { type Command, Option } from 'commander';
import type { Precision } from '@fixres/runs';
import { listOption, positive, whole } from './option-types.ts';

/** Options of a command that can run as one of several processes, as the command line gives them. */
export interface ClusterOptions {
  cluster?: string[];
  rank?: number;
  stepTimeout?: number;
  syncBatchNorm?: boolean;
  gradientPrecision?: Precision;
}

/** Adds the options that say which processes train together. */
export function withClusterOptions(command: Command): Command {
  return command
    .addOption(
      listOption(
        '--cluster <addresses>',
        'train together with other processes: host:port of each, separated by commas; none: alone (default: as TF_CONFIG or a step of Slurm says)',
      ),
    )
    .addOption(
      new Option('--rank <n>', 'with --cluster: number of this process, from 0').argParser(
        whole({ low: 0, high: 4095 }),
      ),
    )
    .addOption(stepTimeoutOption());
}

const stepTimeoutOption = (): Option =>
  new Option(
    '--step-timeout <seconds>',
    'with several processes: time until a step fails because one does not take part (default: 30)',
  ).argParser(positive(86_400));

/** Adds the options for new runs; a resumed run keeps what it began with. */
export function withClusterSettings(command: Command): Command {
  return command
    .option(
      '--sync-batch-norm',
      'with several processes: batch normalisation by the statistics of the images of all (slower); a single process of launch computes it in the same way',
    )
    .addOption(
      new Option(
        '--gradient-precision <type>',
        'with several processes: arithmetic in which gradients are exchanged; bfloat16 halves the bytes and rounds (default: float32)',
      ).choices(['float32', 'bfloat16']),
    );
}
