import {
  compareSizes,
  distinctSizes,
  type ImageSize,
  imageSizeText,
  meanSide,
} from '@fixres/data/names';
import type { ArmRecord, EvaluationRecord } from '../../events/events.ts';
import { armClass, armDash, armMarker } from './arm-marker.ts';
import { percent, percentInterval } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import { linePath } from './line-path.ts';
import { fromTop, plot } from './plot.ts';
import { niceScale, type Scale, tickDigits } from './scale.ts';

/**
 * Space between arms evaluated at one size, in percent of the width; they are drawn side by side.
 * Wider if there is only one size.
 */
const APART = { sizes: 2.2, one: 7 };
/** Space at both ends of the axis, as a fraction of the range of sizes. */
const MARGIN = 0.12;

export interface SizeChart {
  title: string;
  /** With their indices in the run. */
  arms: readonly { arm: ArmRecord; index: number }[];
  /** Name of the test policy. */
  policy: string;
  y: Scale;
}

/**
 * Accuracy against the test size under one policy, with intervals; a rectangle is at the side of the
 * square with its area; arms that are initialised from
 * another are labelled so.
 */
export function sizeChart({ title, arms, policy, y }: SizeChart): Html {
  const tested = arms
    .map(({ arm, index }) => ({ arm, index, points: pointsOf(arm, policy) }))
    .filter(({ points }) => points.length > 0);
  const sizes = distinctSizes(tested.flatMap(({ points }) => points.map(({ size }) => size)));
  const [smallest, largest] = [meanSide(sizes[0]!), meanSide(sizes.at(-1)!)];
  const margin = (largest - smallest) * MARGIN || 1;
  const [low, high] = [smallest - margin, largest + margin];
  const apart = sizes.length === 1 ? APART.one : APART.sizes;
  const x = (size: ImageSize, order = (tested.length - 1) / 2): number =>
    ((meanSide(size) - low) / (high - low)) * 100 + (order - (tested.length - 1) / 2) * apart;
  return plot({
    title,
    description: `${tested.map(({ arm, points }) => `${arm.name}: ${points.map(inWords).join(', ')}`).join('. ')}.`,
    legend: tested.map(({ arm, index }) => ({
      name: arm.initFrom === null ? arm.name : `${arm.name}, after ${arm.initFrom}`,
      arm: index,
    })),
    y,
    yLabel: (tick) => percent(tick, tickDigits(y.step * 100)),
    xLabel: 'Test image size in pixels',
    axis: sizeAxis(sizes, x),
    lines: tested.map(({ index, points }, order) => {
      const path = linePath(
        points.map(({ size, accuracy }) => [x(size, order), 100 - y.place(accuracy)]),
      );
      return html`<path class="line ${armClass(index)}" stroke-dasharray="${armDash(index)}" d="${path}"/>`;
    }),
    marks: tested.map(
      ({ arm, index, points }, order) =>
        html`<g class="${armClass(index)}">${points.map((point) => {
          const at = `${x(point.size, order).toFixed(2)}%`;
          const [from, to] = point.ci95.map((end) => fromTop(y, end)) as [string, string];
          const ring = point === arm.evaluations[arm.ownEvaluation];
          return html`<line class="interval" x1="${at}" x2="${at}" y1="${from}" y2="${to}"/>${
            ring && html`<circle class="ring" cx="${at}" cy="${fromTop(y, point.accuracy)}" r="9"/>`
          }${armMarker(index, at, fromTop(y, point.accuracy))}`;
        })}</g>`,
    ),
  });
}

/** An axis for the accuracies of all these arms, including intervals. */
export function accuracyScale(arms: readonly ArmRecord[]): Scale {
  return niceScale(
    arms.flatMap(({ evaluations }) =>
      evaluations.flatMap(({ accuracy, ci95 }) => [accuracy, ...ci95]),
    ),
    { bounds: [0, 1] },
  );
}

function pointsOf({ evaluations }: ArmRecord, policy: string): EvaluationRecord[] {
  return evaluations
    .filter((each) => each.policy === policy)
    .sort((a, b) => compareSizes(a.size, b.size));
}

function inWords({ size, accuracy, ci95 }: EvaluationRecord): string {
  return `${percent(accuracy)} at ${imageSizeText(size)} (${percentInterval(ci95)})`;
}

function sizeAxis(sizes: readonly ImageSize[], x: (size: ImageSize) => number): Html {
  const labels = sizes.map((size, i) => {
    const name = sizes.length > 5 && i % 2 === 1 ? 'spare' : 'kept';
    return html`<text class="${name}" x="${x(size).toFixed(2)}%" y="15" text-anchor="middle">${imageSizeText(size)}</text>`;
  });
  return html`<svg class="axis" width="100%" height="22" aria-hidden="true">${labels}</svg>`;
}
