import type { JSX } from 'preact';

const COLOURS = 7;
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

/** How a line looks: an index into the colours, and a dash pattern. */
export interface LaneLook {
  colour: number;
  dash: readonly number[];
}

/** Colour distinguishes lines first, then dashes; both repeat. */
export function lookOf(colour: number, dash = 0): LaneLook {
  return {
    colour: colour % COLOURS,
    dash: DASHES[(dash + Math.floor(colour / COLOURS)) % DASHES.length]!,
  };
}

/** A short piece of the line for tables. */
export function Swatch({ colour, dash }: LaneLook): JSX.Element {
  return (
    <svg class={`swatch lane-${colour}`} width="28" height="12" aria-hidden="true">
      <line x1="1" x2="27" y1="6" y2="6" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}
