import { counted } from '@fixres/runs/report';
import { searchText } from '../evaluate/search-text.ts';
import type { MeasuredPlan } from './measure-plan.ts';

/** What was measured, as text. */
export function measuredText({
  model,
  images,
  search,
  estimated,
  recommended,
}: MeasuredPlan): string {
  const { arm, seed, path } = model;
  const of = arm === null ? path : `${arm}, seed ${seed}`;
  const why =
    recommended === search.baseline
      ? "the model's own; no other is shown to be better on these images."
      : `better than the model's own, ${search.baseline}.`;
  return [
    `Measured: ${of}, ${counted(images, 'held-out image')}.`,
    '',
    searchText(search),
    '',
    `Recommended: ${recommended}, ${why}${recommended === estimated ? '' : ` The estimate was ${estimated}.`}`,
  ].join('\n');
}
