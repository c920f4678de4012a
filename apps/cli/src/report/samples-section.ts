import { html, type Html } from './html.ts';
import type { SampleGrid } from './report-input.ts';

const IMAGE_URI = /^data:image\/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+$/;

/**
 * What the policies make of the images; `null` without samples.
 *
 * @throws TypeError when a picture is not a base64 data URI of an image.
 */
export function samplesSection(samples: readonly SampleGrid[]): Html | null {
  if (samples.length === 0) return null;
  const grids = samples.map(({ title, policy, pictures }) => {
    const figures = pictures.map(({ label, dataUri }) => {
      if (!IMAGE_URI.test(dataUri)) {
        const start = dataUri.slice(0, 40);
        throw new TypeError(`samples: the picture "${label}" must be a base64 data URI of an image, got "${start}".`);
      }
      return html`<li><img src="${dataUri}" alt="${label}, seen through ${policy}"><span>${label}</span></li>`;
    });
    return html`<figure class="card"><figcaption><h3>${title}</h3><span class="code">${policy}</span></figcaption>
<ul class="grid-pictures">${figures}</ul></figure>`;
  });
  return html`<section aria-labelledby="samples"><h2 id="samples">What the network sees</h2>
<p>The same policies that trained and tested the arms, applied to images of this data set.</p>
<div class="pair">${grids}</div></section>`;
}
