import { compareSizes, type ImageSize, imageSizeText, meanSide } from '@fixres/data/names';
import type { JSX } from 'preact';
import { type ActivationRecord, activationQuantiles, type ValueSpread } from '@fixres/runs';
import { linePath, niceScale } from '@fixres/runs/report';
import type { RunDetail, ShownArm } from '../../../shared/protocol.ts';
import { percent, short } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { SizeFrame } from '../parts/size-frame.tsx';
import { type LaneLook, lookOf, Swatch } from '../parts/swatch.tsx';
import { Table } from '../parts/table.tsx';
import { Picker } from '../run/choose.tsx';
import { param, setParams } from '../state/url-state.ts';

/** Quantiles around the median that a fan shows, widest first. */
const bands: readonly (readonly [number, number])[] = [
  [0.05, 0.95],
  [0.1, 0.9],
  [0.25, 0.75],
];

const parts = { 'before pooling': 'map', 'after pooling': 'pooled' } as const;
type PartTitle = keyof typeof parts;

/** The activations of one model at the test sizes. */
interface Series {
  name: string;
  look: LaneLook;
  points: { size: ImageSize; side: number; spread: ValueSpread }[];
}

/**
 * How the activations before and after the classifier's pooling change with the test size, before
 * and after fine-tuning.
 */
export function Activations({ detail: { summary } }: { detail: RunDetail }): JSX.Element {
  const arms = summary?.arms ?? [];
  const records = arms.flatMap(({ activations = [] }) => activations);
  const [first] = records;
  if (!summary)
    return <p class="notice">No result yet; activations are measured when an arm is evaluated.</p>;
  if (!first) return <p class="notice">Activations were not measured in this run.</p>;
  const policies = [...new Set(records.map(({ policy }) => policy))];
  const policy = policies.includes(param('policy')) ? param('policy') : policies[0]!;
  const titles = Object.keys(parts) as PartTitle[];
  const part = titles.find((title) => title === param('part')) ?? titles[0]!;
  const series = seriesOf(arms, policy, parts[part]);
  const shown = series.flatMap(({ points }) => points);
  const measured = shown.map(({ side }) => side);
  const sizes = [Math.min(...measured) - 8, Math.max(...measured) + 8] as const;
  const means = shown.map(({ spread }) => spread.mean);
  const fanTop = Math.max(...shown.map(({ spread }) => quantile(spread, 0.95)));
  const fanBottom = Math.min(0, ...shown.map(({ spread }) => quantile(spread, 0.05)));
  return (
    <>
      <div class="tools">
        <Picker
          title="Test policy"
          value={policy}
          options={policies}
          onChange={(next) => setParams({ policy: next })}
        />
        <Picker
          title="Activations"
          value={part}
          options={titles}
          onChange={(next) => setParams({ part: next })}
        />
        <span class="inline soft">
          {`of ${first.layer}, ${first.shape[2]} channels, on ${first.images} held-out images`}
        </span>
      </div>
      <Card
        title="Quantiles"
        note="the line is the median, the bands reach from the 25th to the 75th, the 10th to the 90th and the 5th to the 95th percentile"
      >
        <div class="fans">
          {series.map((each) => (
            <figure key={each.name}>
              <figcaption>
                <Swatch {...each.look} /> <b>{each.name}</b>
              </figcaption>
              <SizeFrame
                label={`Quantiles of ${each.name} against the test size. The table below has the numbers.`}
                height={220}
                sizes={sizes}
                ticks={niceScale([fanBottom, fanTop], { intervals: 4 }).ticks}
                valueText={short}
                draw={(x, y) => <Fan series={each} x={x} y={y} />}
              />
            </figure>
          ))}
        </div>
      </Card>
      <div class="two">
        <Card title="Mean">
          <Lines
            label="Mean activation"
            sizes={sizes}
            series={series}
            value={({ mean }) => mean}
            valueText={short}
            ticks={niceScale([0, ...means], { intervals: 4 }).ticks}
          />
        </Card>
        <Card title="Sparsity" note="fraction of activations that are exactly 0">
          <Lines
            label="Fraction of activations that are 0"
            sizes={sizes}
            series={series}
            value={({ zeros }) => zeros}
            valueText={(value) => `${Math.round(value * 100)} %`}
            ticks={[0, 0.25, 0.5, 0.75, 1]}
          />
        </Card>
      </div>
      <ActivationTable series={series} />
    </>
  );
}

function seriesOf(arms: readonly ShownArm[], policy: string, part: 'map' | 'pooled'): Series[] {
  const pointsOf = (records: readonly ActivationRecord[]): Series['points'] =>
    records
      .map((record) => ({
        size: record.size,
        side: meanSide(record.size),
        spread: record[part],
      }))
      .sort((a, b) => compareSizes(a.size, b.size));
  return arms
    .flatMap((arm, i): Series[] => {
      const records = (arm.activations ?? []).filter((each) => each.policy === policy);
      const stored = {
        name: `before ${arm.name}`,
        look: lookOf(i, 1),
        points: pointsOf(records.filter(({ state }) => state === 'stored')),
      };
      const origin = arm.initFrom === null ? '' : `, after fine-tuning ${arm.initFrom}`;
      return [
        stored,
        {
          name: `${arm.name}${origin}`,
          look: lookOf(i),
          points: pointsOf(records.filter(({ state }) => state === 'trained')),
        },
      ];
    })
    .filter(({ points }) => points.length > 0);
}

/** A value of the cumulative distribution; the highest if it was not measured there. */
function quantile({ quantiles }: ValueSpread, at: number): number {
  return quantiles[activationQuantiles.indexOf(at)] ?? quantiles.at(-1) ?? Number.NaN;
}

type Place = (value: number) => number;

function Fan({
  series: { points, look },
  x,
  y,
}: {
  series: Series;
  x: Place;
  y: Place;
}): JSX.Element {
  const edge = (at: number): [x: number, y: number][] =>
    points.map(({ side, spread }) => [x(side), y(quantile(spread, at))]);
  return (
    <g class={`lane-${look.colour}`}>
      {bands.map(([low, high]) => (
        <path key={low} class="band" d={`${linePath([...edge(low), ...edge(high).reverse()])}Z`} />
      ))}
      <path class="path" d={linePath(edge(0.5))} />
      {points.map(({ side, spread }) => (
        <circle key={side} class="mark" cx={x(side)} cy={y(quantile(spread, 0.5))} r="4" />
      ))}
    </g>
  );
}

interface LinesProps {
  label: string;
  sizes: readonly [number, number];
  series: readonly Series[];
  value: (spread: ValueSpread) => number;
  valueText: (value: number) => string;
  ticks: readonly number[];
}

function Lines({ label, series, value, ...frame }: LinesProps): JSX.Element {
  return (
    <SizeFrame
      {...frame}
      height={240}
      label={`${label} against the test size. The table below has the numbers.`}
      draw={(x, y) =>
        series.map(({ name, look, points }) => (
          <g key={name} class={`lane-${look.colour}`}>
            <path
              class="path"
              stroke-dasharray={look.dash.join(' ')}
              d={linePath(points.map(({ side, spread }) => [x(side), y(value(spread))]))}
            />
            {points.map(({ side, spread }) => (
              <circle key={side} class="mark" cx={x(side)} cy={y(value(spread))} r="4" />
            ))}
          </g>
        ))
      }
    />
  );
}

function ActivationTable({ series }: { series: readonly Series[] }): JSX.Element {
  const shown = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
  const numeric = [
    'Test size',
    'Mean',
    'Standard deviation',
    'Zeros',
    ...shown.map((at) => `${Math.round(at * 100)} %`),
  ];
  return (
    <Card title="Numbers" note="percentages head the quantiles">
      <Table
        label="Activations by test size"
        columns={[{ title: 'Model' }, ...numeric.map((title) => ({ title, numeric: true }))]}
        rows={series.flatMap(({ name, look, points }) =>
          points.map(({ size, spread }) => ({
            key: `${name}@${imageSizeText(size)}`,
            cells: [
              <>
                <Swatch {...look} /> {name}
              </>,
              `${imageSizeText(size)} px`,
              short(spread.mean),
              short(spread.sd),
              percent(spread.zeros),
              ...shown.map((at) => short(quantile(spread, at))),
            ],
          })),
        )}
      />
    </Card>
  );
}
