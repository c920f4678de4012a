import { type Example, readBytes, sharpImage } from '@fixres/data/node';
import { counted, html, type Html } from '@fixres/runs/report';
import type { Picture } from '../files/picture-file.ts';
import type { LeaksReport } from './find-leaks.ts';

/** Maximum number of pairs of each kind that are drawn. */
const DRAWN = 12;
/** Box of a picture, and of a pair with its text, in pixels. */
const SIDE = 150;
const CELL = { width: 2 * SIDE + 6, height: SIDE + 46 };
const COLUMNS = 3;
const GAP = 24;
const MARGIN = 32;
const HEADING = 44;
/** Larger files are not photos. */
const MAX_BYTES = 64 << 20;
/** Longer names are cut at their start. */
const LONGEST = 38;
const INK = '#1a1d21';
const SOFT = '#5a616a';

interface Kind {
  title: string;
  pairs: { a: string; b: string; note: string }[];
}

/**
 * Draws the first pairs of each kind next to each other: in pairs across the split, the training image is
 * on the left.
 *
 * @param byId the images of the data set
 */
export async function leaksPicture(
  report: LeaksReport,
  byId: ReadonlyMap<string, Example>,
): Promise<Picture> {
  const kinds = kindsOf(report).filter(({ pairs }) => pairs.length > 0);
  const files = new Set(kinds.flatMap(({ pairs }) => pairs.flatMap(({ a, b }) => [a, b])));
  const pictures = new Map<string, string | undefined>();
  for (const file of files) pictures.set(file, await thumbnail(byId.get(file)));
  let y = MARGIN;
  const parts: Html[] = [];
  for (const { title, pairs } of kinds) {
    parts.push(
      html`<text x="${MARGIN}" y="${y + 18}" font-size="18" font-weight="bold">${title}</text>`,
    );
    y += HEADING;
    for (const [i, { a, b, note }] of pairs.entries()) {
      const x = MARGIN + (i % COLUMNS) * (CELL.width + GAP);
      const top = y + Math.floor(i / COLUMNS) * (CELL.height + GAP);
      parts.push(html`<g transform="translate(${x} ${top})">${side(pictures.get(a), 0)}${side(pictures.get(b), SIDE + 6)}
<text y="${SIDE + 16}">${shortened(a)}</text><text y="${SIDE + 31}">${shortened(b)}</text><text y="${SIDE + 46}" fill="${SOFT}">${note}</text></g>`);
    }
    y += Math.ceil(pairs.length / COLUMNS) * (CELL.height + GAP);
  }
  if (kinds.length === 0) {
    parts.push(
      html`<text x="${MARGIN}" y="${y + 18}" font-size="18">No images look the same.</text>`,
    );
    y += HEADING;
  }
  const width = 2 * MARGIN + COLUMNS * (CELL.width + GAP) - GAP;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"
  font-family="DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif" font-size="12" fill="${INK}">
<title>Images of ${report.dataset} that look the same</title>
<rect width="${width}" height="${y}" fill="#ffffff"/>
${parts}
</svg>`;
  return { svg: svg.markup, width, height: y };
}

function kindsOf({ acrossSplit, bursts, acrossClasses, similar }: LeaksReport): Kind[] {
  const bits = (title: string, pairs: LeaksReport['acrossSplit']): Kind => ({
    title,
    pairs: pairs
      .slice(0, DRAWN)
      .map(({ a, b, distance }) => ({ a, b, note: counted(distance, 'bit') })),
  });
  return [
    bits('A training image (left) and a held-out one', acrossSplit),
    {
      title: 'A training photo (left) and a held-out one of the same camera within a minute',
      pairs: bursts
        .slice(0, DRAWN)
        .map(({ a, b, seconds }) => ({ a, b, note: `${seconds} s apart` })),
    },
    bits('One picture in two classes', acrossClasses),
    {
      title: 'A training image (left) and a held-out one that the model finds most similar',
      pairs: (similar ?? [])
        .slice(0, DRAWN)
        .map(({ a, b, similarity }) => ({ a, b, note: `cosine ${similarity.toFixed(3)}` })),
    },
  ];
}

function side(dataUri: string | undefined, x: number): Html {
  return html`<rect x="${x}" width="${SIDE}" height="${SIDE}" fill="#f1efea"/>${dataUri !== undefined && html`<image x="${x}" width="${SIDE}" height="${SIDE}" href="${dataUri}"/>`}`;
}

/** A small copy as a data URI; undefined if the image cannot be read any more. */
async function thumbnail(example: Example | undefined): Promise<string | undefined> {
  if (example === undefined) return undefined;
  try {
    const image = await sharpImage(
      await readBytes(example.source, { maxBytes: MAX_BYTES }),
      example.id,
    );
    // Twice as large, for screens with a high density.
    const bytes = await image
      .resize(2 * SIDE, 2 * SIDE, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 80 })
      .toBuffer();
    return `data:image/jpeg;base64,${bytes.toString('base64')}`;
  } catch {
    return undefined;
  }
}

function shortened(name: string): string {
  return name.length > LONGEST ? `…${name.slice(1 - LONGEST)}` : name;
}
