import { jpegTurboState } from '@fixres/data/node/jpeg-turbo';
import { defaultCacheFolder } from '@fixres/engine';
import { inspectMachine, type MachineReport } from '@fixres/engine/setup';
import { megabytes } from '@fixres/runs/plain-text';
import { clusterTask } from '../cluster/cluster-task.ts';
import { clusterText, inspectCluster, requireNoErrors } from '../cluster/doctor-cluster.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';
import { precisionText } from './precision-text.ts';

/** Options of `fixres doctor`, as the command line gives them. */
export interface DoctorOptions {
  json?: boolean;
  /** Addresses, separated by commas; true to find them in the environment. */
  cluster?: string | true;
  rank?: number;
  /** Data set that all processes must have. */
  data?: string;
}

/**
 * Shows the hardware and engine of this machine, and what would make it faster; with `cluster`,
 * whether the processes of a cluster can train together.
 */
export async function doctor({ json = false, cluster, rank, data }: DoctorOptions): Promise<void> {
  if (cluster !== undefined) {
    await doctorCluster({ json, cluster, rank, data });
    return;
  }
  if (data !== undefined)
    throw new ExitError(exitCodes.usage, 'error: Option --data needs --cluster.');
  const report = { ...(await inspectMachine()), jpegTurbo: jpegTurboState() };
  new Terminal().result(json ? JSON.stringify(report) : describe(report));
}

async function doctorCluster({
  json,
  cluster,
  rank,
  data,
}: Pick<DoctorOptions, 'cluster'> & {
  json: boolean;
  rank: number | undefined;
  data: string | undefined;
}): Promise<void> {
  const task = clusterTask({
    ...(typeof cluster === 'string' && { cluster: cluster.split(',') }),
    ...(rank !== undefined && { rank }),
  });
  if (task === undefined)
    throw new ExitError(
      exitCodes.usage,
      'error: Option --cluster finds no other process: it needs addresses, the variable TF_CONFIG or a step of Slurm with several tasks.',
    );
  const report = await interruptible(
    (signal) =>
      inspectCluster(
        task,
        data === undefined
          ? undefined
          : async () => {
              const { resolveDataset } = await import('@fixres/runner/node');
              return resolveDataset(data, { cacheFolder: defaultCacheFolder(), on: {}, signal });
            },
      ),
    () => 'Interrupted.',
  );
  if (task.rank === 0) new Terminal().result(json ? JSON.stringify(report) : clusterText(report));
  requireNoErrors(report);
}

function describe({
  node,
  platform,
  packages,
  engine,
  native,
  cpu,
  gpus,
  gpu,
  memory,
  allocator,
  winograd,
  precisionTimes,
  cache,
  advice,
  jpegTurbo,
}: MachineReport & { jpegTurbo: ReturnType<typeof jpegTurboState> }): string {
  const facts: [string, string][] = [
    ['Engine', engine.reason],
    [
      'TensorFlow',
      native ? `${native.tensorflow} (${native.flavor} build) in ${native.folder}` : 'not set up',
    ],
    ['Node', `${node.version} (ABI ${node.abi}, Node-API ${node.napi}) on ${platform}`],
    [
      'Packages',
      Object.entries(packages)
        .map(([name, version]) => `${name} ${version ?? 'missing'}`)
        .join(', '),
    ],
    [
      'Processor',
      `${cpu.model}, ${cpu.cores} cores, ${cpu.features.join(' ') || 'no vector extensions known'}`,
    ],
    ...gpuFacts(gpus, gpu),
    [
      'Memory',
      `${megabytes(memory.totalMb)}, ${megabytes(memory.freeMb)} free${memory.limitMb === null ? '' : `, limited to ${megabytes(memory.limitMb)}`}`,
    ],
    ['Allocator', allocator.reason],
    ...(winograd === null
      ? []
      : [
          [
            'Convolutions',
            winograd ? "3x3 by Winograd's method, others by TensorFlow" : 'by TensorFlow',
          ] as [string, string],
        ]),
    ...(precisionTimes === null
      ? []
      : [['Precision', precisionText(precisionTimes)] as [string, string]]),
    [
      'JPEG',
      'problem' in jpegTurbo
        ? `accurate levels; --decode tensorflow needs @julusian/jpeg-turbo: ${jpegTurbo.problem}`
        : `accurate levels, and tensorflow's by @julusian/jpeg-turbo ${jpegTurbo.version}`,
    ],
    ['Cache', `${cache.folder}, ${megabytes(cache.sizeMb)}`],
  ];
  const width = Math.max(...facts.map(([title]) => title.length));
  const lines = facts.map(([title, text]) => `${title.padEnd(width)}  ${text}`);
  const faster =
    advice.length === 0
      ? ['Nothing known would make it faster.']
      : ['To make it faster, what helps most first:', ...advice.map((line) => `- ${line}`)];
  return [...lines, '', ...faster].join('\n');
}

/**
 * One line each: driver, cards with their memory, whether the engine uses them, what is missing for
 * that.
 */
function gpuFacts(
  gpus: MachineReport['gpus'],
  { driverLoaded, seen, missing }: MachineReport['gpu'],
): [string, string][] {
  const [first] = gpus;
  if (!first && !driverLoaded) return [['GPU', 'none, and no NVIDIA driver']];
  return [
    [
      'GPU driver',
      first ? `NVIDIA ${first.driver}${driverLoaded ? '' : ', not loaded'}` : 'NVIDIA, loaded',
    ],
    ['GPU', gpus.map(({ name }) => name).join('; ') || 'none listed by nvidia-smi'],
    ['GPU memory', gpus.map(({ memoryMb }) => megabytes(memoryMb)).join('; ') || 'not known'],
    ['GPU in use', seen ? 'yes' : 'no'],
    ['GPU lacks', missing ?? 'nothing'],
  ];
}
