import { html, type Html } from '../page/html.ts';
import type { Scale } from './scale.ts';

/** Labels below a horizontal axis. The charts above name their values in words, so this is for the eye only. */
export function horizontalAxis(scale: Scale, label: (tick: number) => string): Html {
  // On a phone every second label has room.
  const labels = scale.ticks.map((tick, i) => {
    const name = i % 2 === 1 ? 'spare' : 'kept';
    return html`<text class="${name}" x="${scale.place(tick)}%" y="15" text-anchor="middle">${label(tick)}</text>`;
  });
  return html`<svg class="axis" width="100%" height="22" aria-hidden="true">${labels}</svg>`;
}
