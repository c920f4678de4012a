import { html, type Html } from '../page/html.ts';

/** Colours defined by the style sheet as `.arm-0`, `.arm-1` and so on. */
const ARM_COLOURS = 7;

/**
 * Eight shapes: coprime to the number of colours, so 56 arms have distinct pairs of colour and
 * shape.
 */
const SHAPES = [
  'M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0z',
  'M-4.2,-4.2h8.4v8.4h-8.4z',
  'M0,-5.2L5.2,4.2H-5.2z',
  'M0,-5.6L5.6,0L0,5.6L-5.6,0z',
  'M0,5.2L5.2,-4.2H-5.2z',
  'M-1.7,-5.2h3.4v3.5h3.5v3.4h-3.5v3.5h-3.4v-3.5h-3.5v-3.4h3.5z',
  'M-2.5,-4.9L0,-2.4L2.5,-4.9L4.9,-2.5L2.4,0L4.9,2.5L2.5,4.9L0,2.4L-2.5,4.9L-4.9,2.5L-2.4,0L-4.9,-2.5z',
  'M0,-6L1.6,-2L5.7,-1.8L2.5,0.8L3.6,4.9L0,2.6L-3.6,4.9L-2.5,0.8L-5.7,-1.8L-1.6,-2z',
] as const;

const DASHES = ['none', '7 4', '2 3', '9 3 2 3'] as const;

/**
 * CSS class for the colour of an arm, as `currentColor`. Colours repeat after `ARM_COLOURS` arms;
 * dashes then differ.
 */
export function armClass(index: number): string {
  return `arm-${index % ARM_COLOURS}`;
}

/**
 * Dash pattern of an arm's lines: solid for the first arms; arms with the same colour differ. With
 * the shape, 24 arms differ without colour.
 */
export function armDash(index: number): string {
  return DASHES[Math.floor(index / ARM_COLOURS) % DASHES.length]!;
}

/**
 * The marker of an arm at a position in an SVG, in percent or pixels. Its shape identifies the arm
 * without colour.
 */
export function armMarker(index: number, x: number | string, y: number | string): Html {
  const shape = SHAPES[index % SHAPES.length]!;
  return html`<svg x="${x}" y="${y}" overflow="visible"><path class="marker" d="${shape}"/></svg>`;
}

/** A small picture of an arm's marker for tables and legends, next to the arm's name. */
export function armSwatch(index: number): Html {
  return html`<svg class="swatch ${armClass(index)}" width="28" height="14" aria-hidden="true"
    ><line x1="1" x2="27" y1="7" y2="7" stroke-dasharray="${armDash(index)}"/>${armMarker(index, 14, 7)}</svg>`;
}
