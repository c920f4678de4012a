import { imageSizeText, isSameSize } from '@fixres/data';
import type { MachineReport } from '@fixres/engine/setup';
import type { SessionSpeed } from '@fixres/runner/node';
import { megabytes } from '@fixres/runs/report';
import { mainPart, memoryNeed } from './limits.ts';

/** A precision that is less than this many times as fast is not recommended. */
const WORTHWHILE = 1.1;

/**
 * What would make an experiment faster on this machine: what was measured first, then the advice of
 * `doctor`.
 */
export function adviceFrom(
  speed: SessionSpeed,
  { engine, advice, memory }: Pick<MachineReport, 'engine' | 'advice' | 'memory'>,
): string[] {
  const { parts, other, imageCache } = speed;
  const own: string[] = [];
  if (engine.name !== speed.engine.name || engine.device !== speed.engine.device)
    own.push(
      `Use --engine auto: the engine was ${speed.engine.name} on the ${speed.engine.device}, and ${engine.name} on the ${engine.device} is available.`,
    );
  const same =
    other && parts.find(({ kind, size }) => kind === other.kind && isSameSize(size, other.size));
  if (other && same) {
    const times = same.secondsPerImage.mean / other.secondsPerImage.mean;
    if (times >= WORTHWHILE)
      own.push(
        `Use --precision ${other.precision}: at ${imageSizeText(other.size)} pixels it trains ${times.toFixed(1)} times as fast as ${same.precision} here.`,
      );
  }
  if (mainPart(speed).waits)
    own.push(
      imageCache.fits
        ? 'Store smaller photos: training waits for the reading of images although all decoded images fit into the cache.'
        : imageCache.onDisk
          ? 'Store smaller photos, or the disk cache on a faster disk: training waits for the reading of images although decoded images are cached on disk.'
          : `Use --disk-cache FOLDER: training waits for images, and the decoded images take ${megabytes(imageCache.neededMb)}, more than the cache of ${megabytes(imageCache.limitMb)}, so each epoch decodes them again.`,
    );
  const { isTight } = memoryNeed(speed, memory);
  if (isTight) own.push('Use a smaller --batch-size or --large, which take less memory.');
  return [...own, ...advice];
}
