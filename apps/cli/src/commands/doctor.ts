import { jpegTurboState } from '@fixres/data/node/jpeg-turbo';
import { inspectMachine, type MachineReport } from '@fixres/engine/setup';
import { megabytes } from '@fixres/runs/plain-text';
import { Terminal } from '../terminal/terminal.ts';
import { precisionText } from './precision-text.ts';

/** Shows the hardware and engine of this machine, and what would make it faster. */
export async function doctor({ json = false }: { json?: boolean }): Promise<void> {
  const report = { ...(await inspectMachine()), jpegTurbo: jpegTurboState() };
  new Terminal().result(json ? JSON.stringify(report) : describe(report));
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
