import { magnification, type Size, sourceRect, type View } from '@fixres/data';
import type { Picture } from '../files/picture-file.ts';
import { html, type Html } from '@fixres/runs/report';

/** One image of a preview. */
export interface PreviewCell {
  /** Name of its class. */
  label: string;
  image: Size;
  view: View;
  /** What the augmentations did to it, one text each. */
  changes: string[];
  /** Data URI of the image, at any size. */
  original: string;
  /** Data URI of the model's input. */
  result: string;
}

/** Box that originals are fitted into, in pixels of the picture. */
export const ORIGINAL: Size = { width: 210, height: 160 };
const RESULT = 160;
const CELL = { width: ORIGINAL.width + 10 + RESULT, height: ORIGINAL.height + 44 };
/** Height of a line of text below the pictures. */
const LINE = 18;
const GAP = 28;
const MARGIN = 32;
const HEADER = 92;
const MOST_COLUMNS = 5;

const INK = '#1a1d21';
const SOFT = '#5a616a';
/** Okabe and Ito's vermilion on a white line: visible on petals and on leaves. */
const FRAME = '#d55e00';

/** Lays out originals with their crop rectangles next to the output of the policy. */
export function previewPicture(
  title: string,
  subtitle: string,
  cells: readonly PreviewCell[],
): Picture {
  const columns = Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(cells.length)));
  const rows = Math.ceil(cells.length / columns);
  // Room for the heading, even with few cells.
  const width = Math.max(2 * MARGIN + columns * (CELL.width + GAP) - GAP, 640);
  // Room for the most changes of any image.
  const cellHeight =
    CELL.height + LINE * Math.max(0, ...cells.map(({ changes }) => changes.length - 1));
  const height = HEADER + rows * (cellHeight + GAP) + MARGIN - GAP;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"
  font-family="DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif" font-size="14" fill="${INK}">
<title>${title}: ${subtitle}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${MARGIN}" y="42" font-size="22" font-weight="bold">${title}</text>
<text x="${MARGIN}" y="68" fill="${SOFT}">${subtitle}. Left: the photo and the crop. Right: what the model sees, and its scale.</text>
${cells.map((cell, i) => {
  const x = MARGIN + (i % columns) * (CELL.width + GAP);
  const y = HEADER + Math.floor(i / columns) * (cellHeight + GAP);
  return html`<g transform="translate(${x} ${y})">${cellMarkup(cell)}</g>`;
})}
</svg>`;
  return { svg: svg.markup, width, height };
}

function cellMarkup({ label, image, view, changes, original, result }: PreviewCell): Html {
  const scale = Math.min(ORIGINAL.width / image.width, ORIGINAL.height / image.height);
  const shown = { width: image.width * scale, height: image.height * scale };
  const left = (ORIGINAL.width - shown.width) / 2;
  const top = (ORIGINAL.height - shown.height) / 2;
  const source = sourceRect(view);
  const crop = {
    x: left + source.x * scale,
    y: top + source.y * scale,
    width: source.width * scale,
    height: source.height * scale,
  };
  const fit = Math.min(RESULT / view.window.width, RESULT / view.window.height);
  const drawn = { width: view.window.width * fit, height: view.window.height * fit };
  const outside =
    `M${left},${top}h${shown.width}v${shown.height}h${-shown.width}z` +
    `M${crop.x},${crop.y}h${crop.width}v${crop.height}h${-crop.width}z`;
  const frame = (stroke: string, strokeWidth: number): Html =>
    html`<rect x="${crop.x}" y="${crop.y}" width="${crop.width}" height="${crop.height}" fill="none" stroke="${stroke}" stroke-width="${strokeWidth}"/>`;
  const facts = [
    `scale ${magnification(view).toFixed(2)}×`,
    ...(view.flip ? ['mirrored'] : []),
  ].join(', ');
  return html`<rect width="${ORIGINAL.width}" height="${ORIGINAL.height}" fill="#f1efea"/>
<image x="${left}" y="${top}" width="${shown.width}" height="${shown.height}" preserveAspectRatio="none" href="${original}"/>
<path d="${outside}" fill="#ffffff" fill-opacity="0.5" fill-rule="evenodd"/>${frame('#ffffff', 4.5)}${frame(FRAME, 2)}
<image x="${ORIGINAL.width + 10 + (RESULT - drawn.width) / 2}" y="${(RESULT - drawn.height) / 2}" width="${drawn.width}" height="${drawn.height}"
  preserveAspectRatio="none" href="${result}"/>
<text y="${ORIGINAL.height + 19}" font-weight="bold" font-size="13">${label}</text>
<text y="${ORIGINAL.height + 37}" font-size="12" fill="${SOFT}">${image.width} × ${image.height}</text>
${[facts, ...changes].map(
  (text, i) =>
    html`<text x="${ORIGINAL.width + 10}" y="${ORIGINAL.height + 19 + LINE * i}" font-size="12" fill="${SOFT}">${text}</text>`,
)}`;
}
