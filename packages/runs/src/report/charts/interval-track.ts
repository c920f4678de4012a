import { armClass, armMarker } from './arm-marker.ts';
import { html, type Html } from '../page/html.ts';
import type { Scale } from './scale.ts';

export interface IntervalTrack {
  value: number;
  interval: readonly [number, number];
  scale: Scale;
  /** Arm that determines colour and marker; without it, the track has the colour of the text. */
  arm?: number;
  /** Value marked by a line across the track, for example 0 for differences. */
  reference?: number;
  /** Pixels. */
  height: number;
  /** The same as text, for screen readers. */
  title: string;
  description: string;
}

/**
 * A value and its interval on one row of a shared axis. Positions are percentages, so the row fits
 * any width without scaling its text.
 */
export function intervalTrack(track: IntervalTrack): Html {
  const { scale, height, arm } = track;
  const middle = height / 2;
  const lo = `${scale.place(track.interval[0])}%`;
  const hi = `${scale.place(track.interval[1])}%`;
  const at = `${scale.place(track.value)}%`;
  const rule = (className: string, value: number): Html =>
    html`<line class="${className}" x1="${scale.place(value)}%" x2="${scale.place(value)}%" y1="0" y2="${height}"/>`;
  return html`<svg class="track${arm === undefined ? '' : ` ${armClass(arm)}`}" width="100%" height="${height}" role="img"
    ><title>${track.title}</title><desc>${track.description}</desc>
    ${scale.ticks.map((tick) => rule('grid', tick))}${track.reference !== undefined && rule('reference', track.reference)}
    <line class="interval" x1="${lo}" x2="${hi}" y1="${middle}" y2="${middle}"/>
    ${[lo, hi].map((end) => html`<line class="interval" x1="${end}" x2="${end}" y1="${middle - 5}" y2="${middle + 5}"/>`)}
    ${arm === undefined ? html`<circle class="marker" cx="${at}" cy="${middle}" r="4"/>` : armMarker(arm, at, middle)}</svg>`;
}
