import { checkedDataUri } from '../page/data-uri.ts';
import { isMissing, type Missing, type SampleGrid } from '../page/report-input.ts';
import { html } from '../page/html.ts';
import type { ReportSection } from '../page/report-section.ts';

/**
 * The images as each policy prepares them; `null` without samples.
 *
 * @throws TypeError if a picture is not a base64 data URI of an image.
 */
export function samplesSection(samples: readonly SampleGrid[] | Missing): ReportSection | null {
  const title = 'What the network sees';
  const id = 'samples';
  if (isMissing(samples))
    return {
      id,
      title,
      body: html`<p class="soft">Not shown: the images are not available. ${samples.missing}</p>`,
    };
  if (samples.length === 0) return null;
  const grids = samples.map(({ title: users, policy, pictures }) => {
    const figures = pictures.map(({ label, changes = [], dataUri }) => {
      const drawn =
        changes.length === 0 ? '' : html`<span class="drawn">${changes.join(', ')}</span>`;
      return html`<li><img src="${checkedDataUri(dataUri, 'samples', label)}" alt="${label}, seen through ${policy}"><span>${label}</span>${drawn}</li>`;
    });
    return html`<figure class="card"><figcaption><h3>${users}</h3><span class="code">${policy}</span></figcaption>
<ul class="grid-pictures">${figures}</ul></figure>`;
  });
  return {
    id,
    title,
    body: html`<p>The train and test policies of the arms, applied to images of this data set, with the changes that were drawn for each image.</p><div class="pair">${grids}</div>`,
  };
}
