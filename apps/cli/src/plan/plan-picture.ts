import { imageSizeText, type ResolutionPlan } from '@fixres/data';
import type { Picture } from '../files/picture-file.ts';
import { density, type Html, html } from '@fixres/runs/report';
import { type PlanRow, planRows } from './plan-rows.ts';

const WIDTH = 1120;
const TOP = 142;
const ROW = 74;
const PLOT = { left: 264, right: 776 };
/** Right edges of the number columns. */
const COLUMNS = { ratio: 868, upsampled: 984, flops: 1080 };
const TICKS = [0.125, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16];

/**
 * Okabe and Ito's blue for the recommended policy, grey for the others: distinguishable without
 * colour too.
 */
const INK = '#1a1d21';
const SOFT = '#5a616a';
const LINE = '#dedbd4';
const CHOSEN = { fill: '#b8d9ee', stroke: '#0072b2', text: '#0b5a94' };
const OTHER = { fill: '#e2e1dd', stroke: '#6b7178', text: INK };

/**
 * Draws the distribution of the apparent size of objects, relative to training, for each test
 * policy.
 */
export function planPicture(dataset: string, images: number, plan: ResolutionPlan): Picture {
  const rows = planRows(plan);
  const height = TOP + rows.length * ROW + 92;
  const x = logScale(rows);
  const bottom = TOP + rows.length * ROW;
  const curves = rows.map(({ ratio }) => density(ratio.percentiles));
  const highest = Math.max(...curves.flatMap((curve) => curve.map(({ value }) => value)));
  const ticks = TICKS.filter((tick) => x(tick) >= PLOT.left - 0.5 && x(tick) <= PLOT.right + 0.5);
  const { trainPolicy, trainSize, recommendation } = plan;

  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"
  font-family="DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif" font-size="14" fill="${INK}">
<title>Apparent size at test time / in training: ${dataset}</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="40" y="46" font-size="22" font-weight="bold">How large do objects look at test time, next to training?</text>
<text x="40" y="72" fill="${SOFT}">${dataset}, ${images} images, trained with ${trainPolicy.name} at ${imageSizeText(trainSize)} pixels</text>
<g font-size="13" fill="${SOFT}"><text x="40" y="${TOP - 14}">test policy</text>
<text x="${x(1)}" y="${TOP - 14}" text-anchor="middle">matched</text>
<text x="${COLUMNS.ratio}" y="${TOP - 14}" text-anchor="end">mean ratio</text>
<text x="${COLUMNS.upsampled}" y="${TOP - 14}" text-anchor="end">upsampled</text>
<text x="${COLUMNS.flops}" y="${TOP - 14}" text-anchor="end">FLOPs</text></g>
${ticks.map(
  (tick) => html`<line x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${bottom}" stroke="${LINE}"/>
<text x="${x(tick)}" y="${bottom + 20}" text-anchor="middle" font-size="13" fill="${SOFT}">${tick}</text>`,
)}
<line x1="${x(1)}" x2="${x(1)}" y1="${TOP - 6}" y2="${bottom}" stroke="${INK}" stroke-width="1.5"/>
${rows.map((row, i) => rowMarkup(row, TOP + i * ROW, curves[i]!, highest, x))}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${bottom + 42}" text-anchor="middle" font-size="13" fill="${SOFT}"
  >apparent size at test time / in training (log scale); the dot is the mean, the bar 10 to 90 %</text>
<text x="40" y="${bottom + 74}" fill="${CHOSEN.text}"><tspan font-weight="bold">Recommended: images at ${recommendation.imageSize}, crop ${imageSizeText(recommendation.cropSize)}.</tspan>
  The mean ratio there is ${recommendation.ratio.mean.toFixed(2)}, for ${recommendation.relativeFlops.toFixed(1)} times the FLOPs of the train size.</text>
</svg>`;
  return { svg: svg.markup, width: WIDTH, height };
}

function rowMarkup(
  row: PlanRow,
  top: number,
  curve: readonly { at: number; value: number }[],
  highest: number,
  x: (ratio: number) => number,
): Html {
  const { ratio, recommended } = row;
  const colour = recommended ? CHOSEN : OTHER;
  const base = top + ROW - 16;
  const y = (value: number): string => (base - (value / highest) * (ROW - 24)).toFixed(1);
  const inside = curve.filter(({ at }) => x(at) >= PLOT.left && x(at) <= PLOT.right);
  const points = inside.map(({ at, value }) => `${x(at).toFixed(1)},${y(value)}`).join(' ');
  const ends = [inside[0]!, inside.at(-1)!].map(({ at }) => x(at).toFixed(1));
  const clip = (value: number): number => Math.min(Math.max(x(value), PLOT.left), PLOT.right);
  const weight = recommended ? 'bold' : 'normal';
  return html`<g>
<line x1="40" x2="${COLUMNS.flops}" y1="${top + ROW}" y2="${top + ROW}" stroke="${LINE}"/>
<text x="40" y="${top + 32}" font-weight="${weight}" fill="${colour.text}">${row.label}</text>
<text x="40" y="${top + 51}" font-size="12" fill="${SOFT}">image ${row.imageSize}, crop ${imageSizeText(row.cropSize)}${recommended && ' · recommended'}</text>
<polygon points="${ends[0]!},${base} ${points} ${ends[1]!},${base}" fill="${colour.fill}" fill-opacity="0.85"/>
<polyline points="${points}" fill="none" stroke="${colour.stroke}" stroke-width="1.5"/>
<line x1="${clip(ratio.p10)}" x2="${clip(ratio.p90)}" y1="${base + 6}" y2="${base + 6}" stroke="${colour.stroke}" stroke-width="3"/>
<circle cx="${clip(ratio.mean)}" cy="${base + 6}" r="5" fill="${colour.stroke}" stroke="#ffffff" stroke-width="1.5"/>
<g text-anchor="end" font-weight="${weight}" fill="${colour.text}"><text x="${COLUMNS.ratio}" y="${top + 42}">${ratio.mean.toFixed(2)}</text>
<text x="${COLUMNS.upsampled}" y="${top + 42}">${Math.round(row.upsampledShare * 100)} %</text>
<text x="${COLUMNS.flops}" y="${top + 42}">${row.relativeFlops.toFixed(2)}×</text></g></g>`;
}

/** Margin of the axis beyond the outermost percentiles. */
const ROOM = 1.15;

/** Maps ratios to a log axis that includes 98 % of every distribution, and 1. */
function logScale(rows: readonly PlanRow[]): (ratio: number) => number {
  const low = Math.log(Math.min(0.9, ...rows.map(({ ratio }) => ratio.percentiles[1]!)) / ROOM);
  const high = Math.log(Math.max(1.1, ...rows.map(({ ratio }) => ratio.percentiles[99]!)) * ROOM);
  const { left, right } = PLOT;
  return (ratio) => left + ((Math.log(ratio) - low) / (high - low)) * (right - left);
}
