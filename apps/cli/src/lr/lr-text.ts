import type { RangeTest } from '@fixres/runner';
import { counted, sparkline } from '@fixres/runs/report';

/** A learning rate in three digits, for example `3.16e-3`. */
export function rateText(rate: number): string {
  return rate.toExponential(2);
}

/** The result of a range test as text. */
export function lrText(found: RangeTest, picture: string | undefined): string {
  const { arm, from, to, updates, points, diverged, suggestion } = found;
  const last = points.at(-1);
  const ended = diverged
    ? `then the loss diverged${last ? ` at ${rateText(last.learningRate)}` : ''}`
    : 'the loss did not diverge';
  const losses = points.map(({ smoothed }) => smoothed);
  return [
    `arm ${arm}: ${counted(points.length, 'update')} of at most ${updates}, learning rate ${from} to ${to}; ${ended}`,
    ...(losses.length === 0
      ? []
      : [
          `loss ${sparkline(losses)} ${losses[0]!.toFixed(3)} to ${Math.min(...losses).toFixed(3)} at best, smoothed`,
        ]),
    suggestion === null
      ? 'The losses suggest no learning rate: they do not fall. Try other limits (--from, --to) or more updates.'
      : `Suggested learning rate: ${rateText(suggestion)}, where the smoothed loss falls most steeply.`,
    ...(picture === undefined ? [] : [`Picture: ${picture}`]),
  ].join('\n');
}
