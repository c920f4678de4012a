import type { ArmRecord } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { checkedDataUri } from '../page/data-uri.ts';
import { counted } from '../format.ts';
import { percent } from '../page/format.ts';
import type { ArmMistakes, Mistake } from '../page/report-input.ts';
import { html, type Html } from '../page/html.ts';
import type { ReportSection } from '../page/report-section.ts';
import { table } from '../page/table.ts';

/**
 * Images that the arms misclassified with the highest confidence; as a list if the pictures are not
 * available.
 *
 * @throws TypeError if a picture is not a base64 data URI of an image
 */
export function mistakesSection(
  mistakes: readonly ArmMistakes[],
  arms: readonly ArmRecord[],
): ReportSection | null {
  const some = mistakes.filter((each) => each.mistakes.length > 0);
  if (some.length === 0) return null;
  const isShown = some.some((each) => each.mistakes.some(({ dataUri }) => dataUri !== null));
  return {
    id: 'mistakes',
    title: 'The most confident mistakes',
    body: html`<p>Held-out images that an arm misclassified under its own test policy, the most confident first.${
      !isShown &&
      ' Their pictures are not shown, because the data set cannot be opened where this report was written.'
    }</p><div class="pair">${some.map((each) =>
      card(
        each,
        arms.findIndex(({ name }) => name === each.arm),
      ),
    )}</div>`,
  };
}

function card({ arm, seeds, wrong, mistakes }: ArmMistakes, index: number): Html {
  const pictures = mistakes.filter(({ dataUri }) => dataUri !== null);
  const inside =
    pictures.length > 0
      ? html`<ul class="grid-pictures mistakes">${pictures.map(picture)}</ul>`
      : table({
          caption: `The most confident mistakes of ${arm}`,
          columns: [
            { name: 'Image' },
            { name: 'Is' },
            { name: 'Predicted as' },
            { name: 'Sure', number: true },
          ],
          rows: mistakes.map(({ file, label, predicted, confidence }) => [
            html`<span class="code">${file}</span>`,
            label,
            predicted,
            percent(confidence),
          ]),
          className: 'dense',
        });
  return html`<figure class="card"><figcaption><h3>${armSwatch(index)} ${arm}</h3>${counted(wrong, 'image')} wrong${seeds > 1 && ' with at least one seed'}</figcaption>${inside}</figure>`;
}

function picture({ file, label, predicted, confidence, dataUri }: Mistake): Html {
  const words = `${label}, predicted as ${predicted}`;
  return html`<li><img src="${checkedDataUri(dataUri!, 'mistakes', file)}" alt="${file}: ${words}, ${percent(confidence)} confidence" title="${file}"
><span><b>${label}</b></span><span>predicted ${predicted}, ${percent(confidence, 0)}</span></li>`;
}
