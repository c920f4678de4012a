import { density } from '../charts/density.ts';
import { armClass, armSwatch } from '../charts/arm-marker.ts';
import { type ApparentSize, isMissing, type Missing } from '../page/report-input.ts';
import { html, type Html } from '../page/html.ts';
import { numbersBehind, type ReportSection } from '../page/report-section.ts';
import { table } from '../page/table.ts';

const TICKS = [0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16];
/** The axis covers 98 % of every distribution, with some margin. */
const ROOM = 1.15;
const HEIGHT = 46;

/**
 * Apparent size of objects when each arm is evaluated, relative to training.
 *
 * @param arms names of the run's arms in their order
 */
export function apparentSizeSection(
  sizes: readonly ApparentSize[] | Missing,
  arms: readonly string[],
): ReportSection | null {
  const title = 'Apparent size of objects';
  const id = 'apparent-size';
  if (isMissing(sizes))
    return {
      id,
      title,
      body: html`<p class="soft">Not shown: the images are not available. ${sizes.missing}</p>`,
    };
  if (sizes.length === 0) return null;
  const x = logScale(sizes);
  const curves = sizes.map(({ percentiles }) =>
    density(percentiles).filter(({ at }) => x(at) >= 0 && x(at) <= 100),
  );
  const ticks = TICKS.filter((tick) => x(tick) >= 0 && x(tick) <= 100);
  const rows = sizes.map((size, i) =>
    row({ size, index: arms.indexOf(size.arm), curve: curves[i]!, x, ticks }),
  );
  const axis = html`<svg class="axis" width="100%" height="22" aria-hidden="true">${ticks.map(
    (tick) => html`<text x="${x(tick).toFixed(2)}%" y="15" text-anchor="middle">${tick}</text>`,
  )}</svg>`;
  return {
    id,
    title,
    body: html`<p>Training crops are enlarged, so objects look larger than in test images of the same size. FixRes corrects this. At 1, objects are
as large at test time as in training; below 1, they are smaller. Simulated with the image sizes of this data set.</p>
<figure class="card dots apparent">${rows}
<div class="dots-row" aria-hidden="true"><div class="dots-name"></div><div class="dots-track">${axis}</div><div class="dots-value"></div></div>
<figcaption>Distribution over images and training crops of the apparent size at test time / in training, on a log scale; the height of each curve is scaled on its own. Mark: mean. Bar: 10 to 90 %.</figcaption>
${numbersBehind(numbersTable(sizes))}</figure>`,
  };
}

interface Row {
  size: ApparentSize;
  index: number;
  curve: readonly { at: number; value: number }[];
  x: (ratio: number) => number;
  ticks: readonly number[];
}

function row({ size, index, curve, x, ticks }: Row): Html {
  const highest = Math.max(...curve.map(({ value }) => value));
  const { arm, trained, trainPolicy, testPolicy, mean, percentiles } = size;
  const top = (value: number): string => (100 - (value / highest) * 72 - 22).toFixed(2);
  const points = curve.map(({ at, value }) => `${x(at).toFixed(2)},${top(value)}`);
  const ends = [curve[0]!, curve.at(-1)!].map(({ at }) => `${x(at).toFixed(2)},78`);
  const inside = (ratio: number): string => `${Math.min(100, Math.max(0, x(ratio))).toFixed(2)}%`;
  const base = HEIGHT * 0.84;
  const rule = (className: string, at: number): Html =>
    html`<line class="${className}" x1="${x(at).toFixed(2)}%" x2="${x(at).toFixed(2)}%" y1="0" y2="${HEIGHT}"/>`;
  return html`<div class="dots-row"><div class="dots-name">${armSwatch(index)}<span><b>${arm}</b>
<span class="note"><span class="mono">${testPolicy}</span> against ${trained === arm ? 'its training' : `the training of ${trained}`}, <span class="mono">${trainPolicy}</span></span></span></div>
<div class="dots-track"><svg class="track ${armClass(index)}" width="100%" height="${HEIGHT}" role="img"><title>${arm} against ${
    trained === arm ? 'its own training' : `the training of ${trained}`
  }: ${inWords(mean)}</title><desc>${range(percentiles)}.</desc>${ticks.map((tick) => rule('grid', tick))}${rule('reference', 1)}
<svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="none"><polygon class="density" points="${ends[0]!} ${points.join(' ')} ${ends[1]!}"/></svg>
<line class="interval" x1="${inside(percentiles[10]!)}" x2="${inside(percentiles[90]!)}" y1="${base}" y2="${base}"/><circle class="marker" cx="${inside(mean)}" cy="${base}" r="4.5"/></svg></div>
<div class="dots-value"><b>${mean.toFixed(2)}</b> <span class="soft">${wordFor(mean)}</span></div></div>`;
}

function numbersTable(sizes: readonly ApparentSize[]): Html {
  return table({
    caption: 'Apparent size at test time / in training',
    columns: [
      { name: 'Arm' },
      { name: 'Test policy' },
      { name: 'Against the training of' },
      { name: 'Mean', number: true },
      { name: '10 to 90 %', number: true },
      { name: 'Objects look' },
    ],
    rows: sizes.map(({ arm, testPolicy, trained, trainPolicy, mean, percentiles }) => [
      arm,
      html`<span class="code">${testPolicy}</span>`,
      html`${trained} <span class="note code">${trainPolicy}</span>`,
      mean.toFixed(2),
      `${percentiles[10]!.toFixed(2)} to ${percentiles[90]!.toFixed(2)}`,
      wordFor(mean),
    ]),
    className: 'dense',
  });
}

/** Smaller differences are within chance and rounding. */
const MATCHED = 0.05;

function wordFor(mean: number): string {
  if (Math.abs(Math.log(mean)) < MATCHED) return 'matched';
  return mean < 1
    ? `${Math.round((1 - mean) * 100)} % smaller`
    : `${Math.round((mean - 1) * 100)} % larger`;
}

function inWords(mean: number): string {
  const word = wordFor(mean);
  return `mean ratio ${mean.toFixed(2)}, ${word === 'matched' ? 'objects look as large as in training' : `objects look ${word} than in training`}`;
}

function range(percentiles: readonly number[]): string {
  return `From ${percentiles[10]!.toFixed(2)} (10 %) to ${percentiles[90]!.toFixed(2)} (90 %)`;
}

/** Positions of ratios in percent on a log axis that includes 1. */
function logScale(sizes: readonly ApparentSize[]): (ratio: number) => number {
  const low = Math.log(Math.min(0.9, ...sizes.map(({ percentiles }) => percentiles[1]!)) / ROOM);
  const high = Math.log(Math.max(1.1, ...sizes.map(({ percentiles }) => percentiles[99]!)) * ROOM);
  return (ratio) => ((Math.log(ratio) - low) / (high - low)) * 100;
}
