import { html, type Html } from '@fixres/runs/report';
import type { Picture } from './picture-file.ts';

const [WIDTH, HEIGHT] = [880, 480];

/** The area of the lines, in pixels. */
export const PLOT: Readonly<Record<'left' | 'right' | 'top' | 'bottom', number>> = {
  left: 80,
  right: 850,
  top: 70,
  bottom: 400,
};
export const INK = '#1a1d21';
const SOFT = '#5a616a';
const GRID = '#dedbd4';

/** Where an axis has a number, in pixels, and the number. */
interface Tick {
  at: number;
  text: string;
}

export interface LineChart {
  title: string;
  /** In pixels. */
  titleSize: number;
  /** Below the numbers of the axis to the right. */
  label: string;
  across: readonly Tick[];
  upwards: readonly Tick[];
  /** The lines, and what is drawn over them. */
  content: Html;
}

/** The pixel across of a place on an axis, 0..100. */
export function acrossOf(place: number): number {
  return PLOT.left + (place / 100) * (PLOT.right - PLOT.left);
}

/** The pixel downwards of a place on an axis, 0..100. */
export function upwardsOf(place: number): number {
  return PLOT.bottom - (place / 100) * (PLOT.bottom - PLOT.top);
}

/** Draws title, axes and grid around the lines of a chart. */
export function lineChart({
  title,
  titleSize,
  label,
  across,
  upwards,
  content,
}: LineChart): Picture {
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"
  font-family="DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif" font-size="13" fill="${SOFT}">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${PLOT.left}" y="40" font-size="${titleSize}" font-weight="bold" fill="${INK}">${title}</text>
${upwards.map(
  ({
    at,
    text,
  }) => html`<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}" stroke="${GRID}"/>
<text x="${PLOT.left - 8}" y="${at + 4}" text-anchor="end">${text}</text>`,
)}
${across.map(
  ({ at, text }) =>
    html`<text x="${at}" y="${PLOT.bottom + 22}" text-anchor="middle">${text}</text>`,
)}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 48}" text-anchor="middle">${label}</text>
${content}
</svg>`;
  return { svg: svg.markup, width: WIDTH, height: HEIGHT };
}
