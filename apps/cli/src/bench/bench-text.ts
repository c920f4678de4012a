import { imageSizeText } from '@fixres/data';
import type { CpuReport, MemoryReport } from '@fixres/engine/setup';
import type { PartSpeed, Spread } from '@fixres/runner';
import type { SessionSpeed } from '@fixres/runner/node';
import { counted, duration, megabytes, percent, textTable } from '@fixres/runs/report';
import { partName } from './part-name.ts';

/** Everything that `bench` prints. */
export interface BenchReport extends SessionSpeed {
  cpu: CpuReport;
  memory: MemoryReport;
  /** One sentence each. */
  limits: string[];
  /** One sentence each, most effective first. */
  advice: string[];
}

/** The measurements as text. */
export function benchText(report: BenchReport): string {
  const { experiment, engine, cpu, images, limits, advice } = report;
  const { model, batchSize, precision = 'float32' } = experiment;
  const heldBack = images.thresholds + images.sizes;
  const name =
    model.folder === undefined ? `${model.name}, width ${model.width}` : `model ${model.folder}`;
  return [
    `${name}, batch size ${batchSize}, ${precision}\n${cpu.model}, ${counted(cpu.cores, 'core')}; engine ${engine.name} on the ${engine.device}`,
    speedTable(report),
    `Estimate for ${counted(images.train, 'training image')} and ${images.heldOut} held out${heldBack > 0 ? `, ${heldBack} held back` : ''}, measured with images of ${images.dataset}:`,
    estimateTable(report),
    limits.join('\n'),
    advice.length === 0
      ? 'Nothing known would make it faster.'
      : ['To make it faster, what helps most first:', ...advice.map((line) => `- ${line}`)].join(
          '\n',
        ),
  ].join('\n\n');
}

function speedTable({
  experiment,
  parts,
  other,
  reading,
  decoding,
  imageCache,
}: BenchReport): string {
  const { batchSize } = experiment;
  const ofPart = (part: PartSpeed): string[] => [
    partName(part, experiment),
    imageSizeText(part.size),
    ...speeds(part.secondsPerImage, batchSize),
    duration(part.startSeconds),
    part.waited === undefined ? '-' : percent(part.waited, 0),
    megabytes(part.peakRssMb),
  ];
  const rows = [
    ...parts.map((part) => ofPart(part)),
    ...(other ? [ofPart(other)] : []),
    ...reading.map(({ size, policy, secondsPerImage }) => [
      `reading, ${policy}${imageCache.fits ? ', cached' : ''}`,
      imageSizeText(size),
      ...speeds(secondsPerImage, batchSize),
    ]),
    ['reading and decoding', '', ...speeds(decoding, batchSize)],
  ];
  return textTable(
    ['work', 'size', 'images/s', 'ms per batch', 'lowest', 'highest', 'start', 'waits', 'memory'],
    rows,
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
}

/** Images per second, then milliseconds per batch: mean, lowest and highest. */
function speeds({ mean, min, max }: Spread, batchSize: number): string[] {
  const perBatch = [mean, min, max].map((seconds) => figures(1000 * batchSize * seconds));
  return [figures(1 / mean), ...perBatch];
}

/** A number with one decimal if it is small. */
function figures(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}

function estimateTable({ estimate, experiment }: BenchReport): string {
  const { arms, seconds, checkSeconds } = estimate;
  const { length } = experiment.seeds;
  const rows = [
    ['checking all images', duration(checkSeconds), ''],
    ...arms.map(({ name, seconds: each, work }) => [
      `${name}${length === 1 ? '' : ` (${counted(length, 'seed')})`}`,
      duration(each),
      work
        .toSorted((a, b) => b.seconds - a.seconds)
        .slice(0, 2)
        .map(
          (part) =>
            `${partName(part, experiment)} at ${imageSizeText(part.size)}: ${duration(part.seconds)}`,
        )
        .join(', '),
    ]),
    ['all', duration(seconds), ''],
  ];
  return textTable(['arm', 'time', 'mostly'], rows, [1]);
}
