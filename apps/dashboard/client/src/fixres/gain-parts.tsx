import type { JSX } from 'preact';
import type { FactorialRecord } from '@fixres/runs';
import {
  factorialSentences,
  factorialTerms,
  niceScale,
  type Scale,
  typographic,
} from '@fixres/runs/report';
import { percent, points, pointsInterval, pValue } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { Table } from '../parts/table.tsx';

/** A bar from one accuracy to another. */
interface Step {
  from: number;
  to: number;
  /** Interval of its end. */
  ends?: readonly [number, number];
}

/** Where the gain of an arm comes from: one part after the other, from the first accuracy to the last. */
export function GainParts({ record }: { record: FactorialRecord }): JSX.Element {
  const { of, base, full, gain, factors, interactions } = record;
  let reached = base;
  const steps = factors.map(({ share: { difference, ci95 } }): Step => {
    const from = reached;
    reached += difference;
    return { from, to: reached, ends: [from + ci95[0], from + ci95[1]] };
  });
  const scale = niceScale(
    [base, full, ...steps.flatMap(({ to, ends = [to, to] }) => [to, ...ends])],
    { bounds: [0, 1] },
  );
  const edge = scale.ticks[0]!;
  return (
    <Card
      title={`Where the gain of ${of.arm} over ${of.from} comes from`}
      note={`${points(gain.difference)} points (${pointsInterval(gain.ci95)}); lines are 95 % intervals, the axis does not start at zero`}
    >
      <div class="gain-words">
        {factorialSentences(record).map((sentence) => (
          <p key={sentence}>{typographic(sentence)}</p>
        ))}
      </div>
      <Table
        label="Parts of the gain"
        class="gain-parts"
        columns={[
          { title: 'Part' },
          { title: 'Share', numeric: true },
          { title: `${percent(edge)} to ${percent(scale.ticks.at(-1))}` },
          { title: '95 % interval', numeric: true },
          { title: 'p (Holm)', numeric: true },
          { title: 'First', numeric: true },
          { title: 'Lost without', numeric: true },
          { title: 'Main effect', numeric: true },
        ]}
        rows={[
          whole(of.from, base, scale),
          ...factors.map(({ factor, share, alone, last, main }, i) => ({
            key: `part ${factor}`,
            cells: [
              factor,
              points(share.difference),
              <Bar step={steps[i]!} scale={scale} />,
              pointsInterval(share.ci95),
              pValue(share.pAdjusted),
              points(alone.difference),
              points(last.difference),
              `${points(main.difference)} (${pointsInterval(main.ci95)})`,
            ],
          })),
          whole(of.arm, full, scale),
        ]}
      />
      <p class="soft gain-terms">{factorialTerms}</p>
      {interactions.length > 0 && (
        <details>
          <summary>Interactions: what one part adds more if the other is there</summary>
          <Table
            label="Interactions of the parts"
            columns={[
              { title: 'Parts' },
              { title: 'Interaction', numeric: true },
              { title: '95 % interval', numeric: true },
            ]}
            rows={interactions.map(({ a, b, difference, ci95 }) => ({
              key: `${a} ${b}`,
              cells: [`${a} × ${b}`, points(difference), pointsInterval(ci95)],
            }))}
          />
        </details>
      )}
    </Card>
  );
}

function whole(
  name: string,
  accuracy: number,
  scale: Scale,
): { key: string; cells: (JSX.Element | string)[] } {
  const step = { from: scale.ticks[0]!, to: accuracy };
  const cells = [
    <b>{name}</b>,
    <b>{percent(accuracy)}</b>,
    <Bar step={step} scale={scale} />,
    ...Array<string>(5).fill(''),
  ];
  return { key: `arm ${name}`, cells };
}

/** The numbers are in the table's other cells. */
function Bar({ step: { from, to, ends }, scale }: { step: Step; scale: Scale }): JSX.Element {
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map((at) => scale.place(at));
  const kind = ends === undefined ? 'whole' : to < from ? 'loss' : 'gain';
  return (
    <svg width="100%" height="20" aria-hidden="true">
      <rect class={kind} x={`${left!}%`} width={`${right! - left!}%`} y="3" height="14" />
      {ends && (
        <line x1={`${scale.place(ends[0])}%`} x2={`${scale.place(ends[1])}%`} y1="10" y2="10" />
      )}
    </svg>
  );
}
