import type { FactorialRecord } from '../../events/events.ts';
import { percent, points, pointsInterval } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import { horizontalAxis } from './axis.ts';
import { niceScale, type Scale, tickDigits } from './scale.ts';

const HEIGHT = 34;
const BAR = 16;

/** A row: from one accuracy to another. */
interface Step {
  name: string;
  from: number;
  to: number;
  /** Interval of the end. */
  ends?: readonly [number, number];
  value: string;
  note: string;
}

/** The gain as a staircase: each part begins where the one before it ends. */
export function waterfall({ of, base, full, factors }: FactorialRecord): Html {
  let reached = base;
  const parts = factors.map(({ factor, share: { difference, ci95 } }): Step => {
    const from = reached;
    reached += difference;
    return {
      name: factor,
      from,
      to: reached,
      ends: [from + ci95[0], from + ci95[1]],
      value: points(difference),
      note: pointsInterval(ci95),
    };
  });
  const lowest = Math.min(base, full, ...parts.flatMap(({ to, ends }) => [to, ends![0]]));
  const highest = Math.max(base, full, ...parts.flatMap(({ to, ends }) => [to, ends![1]]));
  // Whole accuracies are drawn from the edge of the axis, which does not start at zero.
  const scale = niceScale([lowest, highest], { bounds: [0, 1] });
  const edge = scale.ticks[0]!;
  const whole = (name: string, to: number): Step => ({
    name,
    from: edge,
    to,
    value: percent(to),
    note: '',
  });
  const steps = [whole(of.from, base), ...parts, whole(of.arm, full)];
  const axis = horizontalAxis(scale, (tick) => percent(tick, tickDigits(scale.step * 100)));
  return html`<figure class="card dots waterfall">${steps.map((step) => row(step, scale))}
<div class="dots-row" aria-hidden="true"><div class="dots-name"></div><div class="dots-track">${axis}</div><div class="dots-value"></div></div>
<figcaption>From the accuracy of <b>${of.from}</b> to that of <b>${of.arm}</b>, one part after the other. A line across the end of a part is its 95 % interval. The axis does not start at zero.</figcaption></figure>`;
}

function row({ name, from, to, ends, value, note }: Step, scale: Scale): Html {
  const middle = HEIGHT / 2;
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map((at) => scale.place(at));
  const kind = ends === undefined ? 'whole' : to < from ? 'loss' : 'gain';
  return html`<div class="dots-row"><div class="dots-name"><span><b>${name}</b></span></div>
<div class="dots-track"><svg class="track" width="100%" height="${HEIGHT}" role="img"><title>${name}: ${value}</title><desc>${note}</desc>
${scale.ticks.map((tick) => html`<line class="grid" x1="${scale.place(tick)}%" x2="${scale.place(tick)}%" y1="0" y2="${HEIGHT}"/>`)}
<rect class="step ${kind}" x="${left!}%" width="${right! - left!}%" y="${middle - BAR / 2}" height="${BAR}"/>
${ends ? html`<line class="interval" x1="${scale.place(ends[0])}%" x2="${scale.place(ends[1])}%" y1="${middle}" y2="${middle}"/>` : null}</svg></div>
<div class="dots-value"><b>${value}</b> <span class="soft">${note}</span></div></div>`;
}
