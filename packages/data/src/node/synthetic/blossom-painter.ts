import type { Random } from '../../rng.ts';
import { css, shift, type Hsl } from './flower-palette.ts';

/**
 * A drawn blossom: definitions and body, both as SVG text. The body is centred on (0, 0) and has a
 * radius of about 100.
 */
export interface Blossom {
  readonly defs: string;
  readonly body: string;
}

/** The colours of one blossom, so that several blossoms of one plant can share them. */
export interface BlossomColours {
  /** The middle of a petal; it shades into the next two. */
  readonly petal: Hsl;
  readonly tip: Hsl;
  readonly base: Hsl;
  readonly centre: Hsl;
}

/** The end of a petal. */
export type Tip = 'round' | 'pointed' | 'notched';

/** A ring of petals, in units of 1/100 of a blossom's radius. */
export interface Ring {
  readonly petals: number;
  /** Distance of base and tip from the blossom's centre. */
  readonly inner: number;
  readonly outer: number;
  /** Half of the widest width. */
  readonly halfWidth: number;
  readonly tip: Tip;
  /** Added to the lightness (points): lower rings are in the shade. */
  readonly lift: number;
}

/** What the parts of one blossom have in common. */
export interface BlossomStyle {
  readonly colours: BlossomColours;
  /** Direction of the light: radians, clockwise from the right. */
  readonly light: number;
  /** Prefixes the ids of the definitions; must be unique within the document. */
  readonly id: string;
}

const goldenAngle = Math.PI * (3 - Math.sqrt(5));

/** Draws a blossom from the bottom up, as seen from above; {@link finish} returns the result. */
export class BlossomPainter {
  readonly #colours: BlossomColours;
  readonly #light: number;
  readonly #id: string;
  readonly #random: Random;
  readonly #defs: string[] = [];
  readonly #body: string[] = [];
  #rings = 0;

  constructor({ colours, light, id }: BlossomStyle, random: Random) {
    this.#colours = colours;
    this.#light = light;
    this.#id = id;
    this.#random = random;
  }

  /** A ring of petals. Each is one of two shapes, turned, scaled and shaded a little differently. */
  ring(ring: Ring): void {
    const random = this.#random;
    const name = `${this.#id}r${this.#rings++}`;
    for (let shade = 0; shade < 3; shade++)
      this.#defs.push(this.#petalPaint(`${name}g${shade}`, ring, (shade - 1) * 6));
    for (let shape = 0; shape < 2; shape++)
      this.#defs.push(this.#petalShape(`${name}p${shape}`, ring));
    const step = 360 / ring.petals;
    const start = random.uniform(0, 360);
    for (let i = 0; i < ring.petals; i++) {
      const angle = start + i * step + random.normal() * step * 0.09;
      const lit = Math.cos((angle * Math.PI) / 180 - Math.PI / 2 - this.#light);
      const shade = Math.max(0, Math.min(2, Math.round(1 + lit * 0.9 + random.normal() * 0.45)));
      const long = random.uniform(0.92, 1.02);
      const wide = random.uniform(0.88, 1.06);
      this.#body.push(
        `<use href="#${name}p${random.int(2)}" fill="url(#${name}g${shade})"` +
          ` transform="rotate(${angle.toFixed(1)})scale(${wide.toFixed(2)},${long.toFixed(2)})"/>`,
      );
    }
  }

  /** A disc of radius `radius`, textured by its kind. */
  disc(radius: number, kind: 'florets' | 'rimmed' | 'spirals'): void {
    const random = this.#random;
    const { centre } = this.#colours;
    const dark = centre.l < 35;
    this.#shadow(radius * 1.3);
    this.#dome(radius, centre);
    const bright = css(shift(centre, 6, 5, dark ? 30 : 20));
    const deep = css(shift(centre, -10, -5, dark ? -12 : -24));
    if (kind === 'spirals') {
      // Seeds at the golden angle, the way daisies set them.
      const seeds = [new Dots(radius * 0.055, bright), new Dots(radius * 0.055, deep)] as const;
      for (let n = 1; n < 70; n++)
        seeds[n % 2 === 0 ? 0 : 1].add(radius * 0.94 * Math.sqrt(n / 70), n * goldenAngle);
      this.#body.push(seeds[0].svg(), seeds[1].svg());
    } else if (kind === 'rimmed') {
      const buds = new Dots(radius * 0.06, deep);
      for (let n = 1; n < 22; n++) buds.add(radius * 0.55 * Math.sqrt(n / 22), n * goldenAngle);
      const open = new Dots(radius * 0.13, bright);
      const throats = new Dots(radius * 0.05, deep);
      const florets = 15 + random.int(5);
      for (let n = 0; n < florets; n++) {
        const angle = ((n + random.uniform(-0.2, 0.2)) / florets) * 2 * Math.PI;
        open.add(radius * random.uniform(0.8, 0.98), angle);
        throats.add(radius * 0.88, angle);
      }
      this.#body.push(buds.svg(), open.svg(), throats.svg());
    } else {
      const florets = [
        new Dots(radius * 0.12, bright),
        new Dots(radius * 0.1, deep),
        new Dots(radius * 0.08, bright),
      ] as const;
      for (const tuft of florets) {
        for (let n = 0; n < 9; n++)
          tuft.add(radius * Math.sqrt(random.next()), random.uniform(0, 2 * Math.PI));
        this.#body.push(tuft.svg());
      }
    }
  }

  /** A button of radius `button` within a wreath of stamens that reaches to `reach`. */
  stamens(reach: number, button: number): void {
    const random = this.#random;
    const { centre } = this.#colours;
    const dark = centre.l < 35;
    const anther = css(shift(centre, 4, 0, dark ? 4 : -4));
    const lines: string[] = [];
    const anthers = [new Dots(1.7, anther), new Dots(2.5, anther)] as const;
    const count = 26 + random.int(14);
    for (let n = 0; n < count; n++) {
      const angle = ((n + random.uniform(-0.3, 0.3)) / count) * 2 * Math.PI;
      const r = reach * random.uniform(0.62, 1);
      lines.push(`M0,0L${(r * Math.cos(angle)).toFixed(1)},${(r * Math.sin(angle)).toFixed(1)}`);
      anthers[n % 2 === 0 ? 0 : 1].add(r, angle);
    }
    this.#shadow(reach * 0.9);
    const thread = css(shift(centre, 0, -10, dark ? 10 : 4));
    this.#body.push(
      `<path d="${lines.join('')}" stroke="${thread}" stroke-width=".9" fill="none"/>`,
    );
    this.#body.push(anthers[0].svg(), anthers[1].svg());
    this.#dome(button, shift(centre, -10, -8, dark ? 0 : -8));
    const knobs = new Dots(button * 0.08, css(shift(centre, 0, 0, dark ? 16 : 6)));
    for (let n = 1; n < 16; n++) knobs.add(button * 0.85 * Math.sqrt(n / 16), n * goldenAngle);
    this.#body.push(knobs.svg());
  }

  finish(): Blossom {
    return { defs: this.#defs.join(''), body: this.#body.join('') };
  }

  /** A soft shadow on the petals, below the centre. */
  #shadow(radius: number): void {
    const id = `${this.#id}s`;
    this.#defs.push(
      `<radialGradient id="${id}"><stop offset=".5" stop-opacity=".42"/><stop offset="1" stop-opacity="0"/></radialGradient>`,
    );
    this.#body.push(`<circle r="${radius.toFixed(1)}" fill="url(#${id})"/>`);
  }

  #dome(radius: number, colour: Hsl): void {
    const id = `${this.#id}d`;
    const x = (0.5 + 0.3 * Math.cos(this.#light)).toFixed(2);
    const y = (0.5 + 0.3 * Math.sin(this.#light)).toFixed(2);
    this.#defs.push(
      `<radialGradient id="${id}" fx="${x}" fy="${y}"><stop stop-color="${css(shift(colour, 4, 4, 14))}"/>` +
        `<stop offset=".7" stop-color="${css(colour)}"/>` +
        `<stop offset="1" stop-color="${css(shift(colour, -8, 0, -14))}"/></radialGradient>`,
    );
    this.#body.push(`<circle r="${radius.toFixed(1)}" fill="url(#${id})"/>`);
  }

  /**
   * One gradient in the blossom's own units serves every petal of the ring, because petals are
   * rotated about its centre.
   */
  #petalPaint(id: string, ring: Ring, light: number): string {
    const { petal, tip, base } = this.#colours;
    const l = ring.lift + light;
    return (
      `<radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="0" cy="0" r="${ring.outer.toFixed(1)}">` +
      `<stop offset=".12" stop-color="${css(shift(base, 0, 0, l - 6))}"/>` +
      `<stop offset=".48" stop-color="${css(shift(petal, 0, 0, l))}"/>` +
      `<stop offset="1" stop-color="${css(shift(tip, 0, 0, l + 2))}"/></radialGradient>`
    );
  }

  #petalShape(id: string, ring: Ring): string {
    const { petal } = this.#colours;
    const outline = petalOutline(ring, this.#random);
    const edge = css(shift(petal, -6, 0, -24));
    const { inner, outer, halfWidth } = ring;
    const length = outer - inner;
    const veins: string[] = [];
    for (const side of [-0.5, -0.17, 0.17, 0.5]) {
      const x = side * halfWidth * 0.8;
      const [y0, y1] = [-(inner + length * 0.2), -(inner + length * 0.84)];
      veins.push(`M${(x * 0.3).toFixed(1)},${y0.toFixed(1)}L${x.toFixed(1)},${y1.toFixed(1)}`);
    }
    // The edge is a darker, slightly larger copy below; a stroke along the curves would take twice
    // the time.
    const wider = (1 + 0.9 / halfWidth).toFixed(3);
    return (
      `<g id="${id}"><path d="${outline}" fill="${edge}" transform="scale(${wider},1.01)"/><path d="${outline}"/>` +
      `<path d="${veins.join('')}" fill="none" stroke="${edge}" stroke-opacity=".35" stroke-width="1"/></g>`
    );
  }
}

/** The outline of a petal that points up (negative y) from the blossom's centre. */
function petalOutline({ inner, outer, halfWidth, tip }: Ring, random: Random): string {
  const length = outer - inner;
  const w = halfWidth * random.uniform(0.94, 1.06);
  const lean = random.normal() * 0.06 * w;
  const foot = w * 0.34;
  const y = (share: number): string => (-(inner + length * share)).toFixed(1);
  const x = (value: number): string => (value + lean).toFixed(1);
  const start = `M${(-foot).toFixed(1)},${y(0)}`;
  const end = `${foot.toFixed(1)},${y(0)}Z`;
  if (tip === 'round') {
    return (
      `${start}C${x(-w * 0.7)},${y(0.3)} ${x(-w)},${y(0.5)} ${x(-w)},${y(0.7)}` +
      `C${x(-w)},${y(0.92)} ${x(-w * 0.55)},${y(1)} ${x(0)},${y(1)}` +
      `C${x(w * 0.55)},${y(1)} ${x(w)},${y(0.92)} ${x(w)},${y(0.7)}C${x(w)},${y(0.5)} ${x(w * 0.7)},${y(0.3)} ${end}`
    );
  }
  if (tip === 'pointed') {
    return (
      `${start}C${x(-w * 0.8)},${y(0.25)} ${x(-w)},${y(0.42)} ${x(-w)},${y(0.58)}` +
      `C${x(-w)},${y(0.8)} ${x(-w * 0.35)},${y(0.92)} ${x(0)},${y(1.04)}` +
      `C${x(w * 0.35)},${y(0.92)} ${x(w)},${y(0.8)} ${x(w)},${y(0.58)}C${x(w)},${y(0.42)} ${x(w * 0.8)},${y(0.25)} ${end}`
    );
  }
  const notch = 1 - random.uniform(0.1, 0.15);
  return (
    `${start}C${x(-w * 0.7)},${y(0.3)} ${x(-w)},${y(0.5)} ${x(-w)},${y(0.72)}` +
    `Q${x(-w)},${y(0.9)} ${x(-w * 0.64)},${y(0.985)}L${x(-w * 0.36)},${y(notch)}L${x(0)},${y(1.02)}` +
    `L${x(w * 0.36)},${y(notch)}L${x(w * 0.64)},${y(0.985)}Q${x(w)},${y(0.9)} ${x(w)},${y(0.72)}` +
    `C${x(w)},${y(0.5)} ${x(w * 0.7)},${y(0.3)} ${end}`
  );
}

/**
 * Dots of one colour and size as a single path: zero-length strokes with round caps render much
 * faster than circles.
 */
class Dots {
  readonly #steps: string[] = [];
  readonly #radius: number;
  readonly #colour: string;

  constructor(radius: number, colour: string) {
    this.#radius = radius;
    this.#colour = colour;
  }

  add(r: number, angle: number): void {
    this.#steps.push(`M${(r * Math.cos(angle)).toFixed(1)},${(r * Math.sin(angle)).toFixed(1)}h0`);
  }

  svg(): string {
    const width = (2 * this.#radius).toFixed(1);
    return `<path d="${this.#steps.join('')}" stroke="${this.#colour}" stroke-width="${width}" stroke-linecap="round"/>`;
  }
}
