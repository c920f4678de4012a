import { html, type Html } from '../page/html.ts';
import type { Scale } from './scale.ts';

/**
 * Labels below a horizontal axis, hidden from screen readers: the charts above state their values
 * as text.
 */
export function horizontalAxis(scale: Scale, label: (tick: number) => string): Html {
  // A phone has room for every second label.
  const labels = scale.ticks.map((tick, i) => {
    const name = i % 2 === 1 ? 'spare' : 'kept';
    return html`<text class="${name}" x="${scale.place(tick)}%" y="15" text-anchor="middle">${label(tick)}</text>`;
  });
  return html`<svg class="axis" width="100%" height="22" aria-hidden="true">${labels}</svg>`;
}
