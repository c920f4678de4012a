import { checkedDataUri } from '../page/data-uri.ts';
import { counted, percent } from '../format.ts';
import { html, type Html } from '../page/html.ts';
import {
  isMissing,
  type LeakPictures,
  type Missing,
  type PicturedPair,
  type ReportRun,
  type SimilarPictures,
} from '../page/report-input.ts';
import type { ReportSection } from '../page/report-section.ts';

/**
 * Images that look the same across the split and in two classes, and those that a model finds similar;
 * `null` without any.
 *
 * @param heldOut number of held-out images
 * @throws TypeError if a picture is not a base64 data URI of an image
 */
export function leaksSection(
  { leaks, similar }: Pick<ReportRun, 'leaks' | 'similar'>,
  heldOut: number,
): ReportSection | null {
  const found = leaks && foundLeaks(leaks, heldOut);
  if (!found && !similar) return null;
  return {
    id: 'leaks',
    title: 'Leaks',
    body: html`${found}${similar !== undefined && similarImages(similar)}`,
  };
}

function foundLeaks(leaks: LeakPictures, heldOut: number): Html | null {
  const { heldOutImages, counts, dropped, distance } = leaks;
  const kinds = [
    {
      title: 'Training (left) and held-out images that look the same',
      pairs: leaks.acrossSplit,
      count: counts.acrossSplit,
    },
    {
      title: 'Training (left) and held-out photos of one camera within a minute',
      pairs: leaks.bursts,
      count: counts.bursts,
    },
    {
      title: 'Images of two classes that look the same',
      pairs: leaks.acrossClasses,
      count: counts.acrossClasses,
    },
  ].filter(({ count }) => count > 0);
  if (kinds.length === 0) return null;
  const effect =
    dropped > 0
      ? `${counted(dropped, 'training image')} that ${dropped === 1 ? 'leaks' : 'leak'} ${dropped === 1 ? 'was' : 'were'} left out.`
      : 'Held-out accuracy can be too high by as much.';
  return html`<p>${
    heldOutImages > 0 &&
    `${counted(heldOutImages, 'held-out image')} (${percent(heldOutImages / heldOut)}) ${heldOutImages === 1 ? 'looks' : 'look'} like a training image or ${heldOutImages === 1 ? 'shares' : 'share'} its burst. ${effect} `
  }Images look the same if their perceptual hashes differ in at most ${distance} of 64 bits.</p><div class="pair tops">${kinds.map(
    ({ title, pairs, count }) => {
      const shown = pairs.length < count ? `, the first ${pairs.length} shown` : '';
      return card(title, `${counted(count, 'pair')}${shown}`, pairs);
    },
  )}</div>`;
}

function similarImages(similar: SimilarPictures | Missing): Html {
  if (isMissing(similar)) return html`<p>${similar.missing}</p>`;
  const { arm, seed, pairs } = similar;
  return html`<p>The hash does not find cropped and mirrored copies. These are, of all other held-out images, those
that the model of ${arm} (seed ${seed}) finds most similar to a training image: by the cosine of what its classifier
sees, whitened over the training images. They can also show two things of one class, so look whether they show one
scene.</p>${card('Training (left) and held-out images of similar features', `the ${pairs.length} most similar`, pairs)}`;
}

/** @param count the number of pairs, in words */
function card(title: string, count: string, pairs: readonly PicturedPair[]): Html {
  return html`<figure class="card"><figcaption><h3>${title}</h3>${count}</figcaption><ul class="grid-pictures twins">${pairs.map(
    ({ a, b, note }) => html`<li>${picture(a)}${picture(b)}<span>${note}</span></li>`,
  )}</ul></figure>`;
}

function picture({ file, dataUri }: PicturedPair['a']): Html {
  const image =
    dataUri === null
      ? html`<span>not available</span>`
      : html`<img src="${checkedDataUri(dataUri, 'leaks', file)}" alt="${file}" title="${file}">`;
  return html`<div>${image}<span>${withBreaks(file)}</span></div>`;
}

/** A file name that may be broken after slashes, underscores and hyphens. */
function withBreaks(file: string): Html {
  return html`${file.split(/(?<=[/_-])/).map((part) => html`${part}<wbr>`)}`;
}
