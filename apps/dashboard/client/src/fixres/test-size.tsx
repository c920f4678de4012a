import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { namedPolicy, planResolution, type Policy, type Size } from '@fixres/data';
import type { ArmRecord } from '@fixres/runner/events';
import type { RunDetail } from '../../../shared/protocol.ts';
import { fetchImageSizes } from '../api.ts';
import { percent, short, withUnit } from '../format.ts';
import { lookOf, Swatch } from '../parts/swatch.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { Picker } from '../run/choose.tsx';
import { param, setParams } from '../state/url-state.ts';
import { armsOf } from './experiment-of.ts';

const HEIGHT = 320;
const LEFT = 52;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 40;
/** Views simulated in all: the mean is then good to about a percent, and the slider stays quick. */
const VIEWS = 8000;

/** Accuracy against the test size, and what another size would mean: its cost, and how large objects would appear. */
export function TestSize({ detail }: { detail: RunDetail }): JSX.Element {
  const arms = detail.summary?.arms ?? [];
  const sizesLoaded = useLoaded(() => (detail.predictions[0] ? fetchImageSizes(detail.row.id, detail.predictions[0].name) : Promise.resolve([])), [detail.row.id]);
  const imageSizes = sizesLoaded.state === 'ready' ? sizesLoaded.value : [];
  const multiplyAdds = useMultiplyAdds(detail);
  const measured = [...new Set(arms.flatMap(({ evaluations }) => evaluations.map(({ size }) => size)))].sort((a, b) => a - b);
  const policies = [...new Set(arms.flatMap(({ evaluations }) => evaluations.map(({ policy }) => policy)))];
  if (arms.length === 0 || measured.length === 0) return <p class="notice">There is no result yet; accuracies at the test sizes come with it.</p>;
  const low = Math.max(16, Math.floor((measured[0]! * 0.6) / 8) * 8);
  const high = Math.ceil((measured.at(-1)! * 1.35) / 8) * 8;
  const size = Math.min(high, Math.max(low, Number(param('size')) || measured.at(-1)!));
  const policy = policies.includes(param('policy')) ? param('policy') : policies[0]!;
  return (
    <>
      <div class="tools">
        <Picker title="Test policy" value={policy} options={policies} onChange={(next) => setParams({ policy: next })} />
        <label class="field grow">
          Test size: {size} px
          <input
            class="wide-range"
            type="range"
            min={low}
            max={high}
            step="1"
            value={size}
            aria-valuetext={`${size} pixels`}
            onInput={(event) => setParams({ size: event.currentTarget.value })}
          />
        </label>
      </div>
      <section class="card" aria-labelledby="size-title">
        <header>
          <h2 id="size-title">Accuracy against test size</h2>
          <span class="soft">held-out images under {policy}; bars are 95 % intervals, rings the size an arm was trained at; drag to choose a size</span>
        </header>
        <SizePlot arms={arms} policy={policy} size={size} range={[low, high]} />
      </section>
      <SizeTable detail={detail} arms={arms} policy={policy} size={size} imageSizes={imageSizes} multiplyAdds={multiplyAdds} />
    </>
  );
}

interface SizePlotProps {
  arms: readonly ArmRecord[];
  policy: string;
  size: number;
  range: readonly [number, number];
}

function SizePlot({ arms, policy, size, range: [low, high] }: SizePlotProps): JSX.Element {
  const svg = useRef<SVGSVGElement>(null);
  const [width, setWidth] = useState(760);
  useEffect(() => {
    const sized = new ResizeObserver(() => setWidth(Math.max(240, svg.current!.clientWidth)));
    sized.observe(svg.current!);
    return () => sized.disconnect();
  }, []);
  const ends = arms.flatMap(({ evaluations }) => evaluations.filter((each) => each.policy === policy).flatMap(({ ci95 }) => ci95));
  const [bottom, top] = [Math.max(0, Math.floor(Math.min(...ends) * 10) / 10), Math.min(1, Math.ceil(Math.max(...ends) * 10) / 10)];
  const x = (value: number): number => LEFT + ((value - low) / (high - low)) * (width - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  const drag = (event: PointerEvent): void => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    const place = event.clientX - svg.current!.getBoundingClientRect().left;
    const value = low + ((place - LEFT) / (width - LEFT - RIGHT)) * (high - low);
    setParams({ size: String(Math.round(Math.min(high, Math.max(low, value)))) });
  };
  const steps = Math.round((top - bottom) * 10);
  return (
    <svg
      ref={svg}
      class="size-plot"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Accuracy against test size under ${policy}. The table below has the numbers.`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
    >
      {Array.from({ length: steps + 1 }, (_, i) => bottom + (i / steps) * (top - bottom)).map((value) => (
        <g key={value}>
          <line class="rule" x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
            {Math.round(value * 100)} %
          </text>
        </g>
      ))}
      {ticks(low, high, width / 80).map((value) => (
        <text key={value} x={x(value)} y={HEIGHT - BOTTOM + 20} text-anchor="middle">
          {value} px
        </text>
      ))}
      {arms.map((arm, i) => {
        const points = arm.evaluations.filter((each) => each.policy === policy).sort((a, b) => a.size - b.size);
        // Arms at the same size stand side by side.
        const shift = (i - (arms.length - 1) / 2) * 5;
        return (
          <g key={arm.name} class={`lane-${lookOf(i).colour}`}>
            <path class="path" d={points.map((point, k) => `${k === 0 ? 'M' : 'L'}${x(point.size) + shift},${y(point.accuracy)}`).join('')} />
            {points.map((point) => (
              <g key={point.size} transform={`translate(${x(point.size) + shift} 0)`}>
                <line class="error" y1={y(point.ci95[0])} y2={y(point.ci95[1])} />
                {point.size === arm.trainSize && <circle class="own" cy={y(point.accuracy)} r="9" />}
                <circle class="mark" cy={y(point.accuracy)} r="5" />
              </g>
            ))}
          </g>
        );
      })}
      <line class="cursor" x1={x(size)} x2={x(size)} y1={TOP} y2={HEIGHT - BOTTOM} />
      <path class="handle" d={`M${x(size)},${HEIGHT - BOTTOM}l7,9h-14z`} />
    </svg>
  );
}

function ticks(low: number, high: number, most: number): number[] {
  const step = [8, 16, 32, 64, 128, 256].find((each) => (high - low) / each <= most) ?? 512;
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) => (Math.ceil(low / step) + i) * step);
}

interface SizeTableProps {
  detail: RunDetail;
  arms: readonly ArmRecord[];
  policy: string;
  size: number;
  imageSizes: readonly Size[];
  /** Of the run's architecture for one image; undefined while the model is not loaded. */
  multiplyAdds: ((size: number) => number) | undefined;
}

/** All arms have one architecture, so any model will do. */
function useMultiplyAdds(detail: RunDetail): ((size: number) => number) | undefined {
  const model = detail.models[0];
  const arm = armsOf(detail.config).find(({ name }) => name === model?.arm);
  const loaded = useLoaded(async () => {
    if (!model || !arm) return undefined;
    // TensorFlow.js is large; the page does not wait for it.
    const [{ loadRunModel }, work] = await Promise.all([import('../try-it/run-model.ts'), import('../try-it/model-work.ts')]);
    const ready = await loadRunModel(detail.row.id, model.name, arm.testPolicy);
    return { at: (size: number) => work.multiplyAdds(ready, size) };
  }, [detail.row.id, model?.name]);
  return loaded.state === 'ready' ? loaded.value?.at : undefined;
}

function SizeTable({ detail, arms, policy, size, imageSizes, multiplyAdds }: SizeTableProps): JSX.Element {
  const configs = useMemo(() => armsOf(detail.config), [detail.config]);
  const work = multiplyAdds?.(size);
  return (
    <section class="card" aria-labelledby="at-size-title">
      <header>
        <h2 id="at-size-title">At {size} px</h2>
        <span class="soft">accuracies between two measured sizes are read off the line; the ratio is simulated on {imageSizes.length} held-out images, 1 is matched</span>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label={`At ${size} pixels`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Arm</th>
              <th scope="col" class="number">
                Trained at
              </th>
              <th scope="col" class="number">
                Accuracy
              </th>
              <th scope="col" class="number">
                Multiply-adds an image
              </th>
              <th scope="col" class="number">
                Apparent size, test / train
              </th>
            </tr>
          </thead>
          <tbody>
            {arms.map((arm, i) => {
              const config = configs.find(({ name }) => name === arm.name);
              return (
                <tr key={arm.name}>
                  <th scope="row">
                    <Swatch {...lookOf(i)} /> {arm.name}
                  </th>
                  <td class="number">{arm.trainSize} px</td>
                  <td class="number">{accuracyAt(arm, policy, size)}</td>
                  <td class="number">
                    {work === undefined ? '' : `${withUnit(work)}, `}× {short(multiplyAdds ? multiplyAdds(size) / multiplyAdds(arm.trainSize) : (size / arm.trainSize) ** 2)} of training
                  </td>
                  <td class="number">{config ? ratioText(apparentRatio(config.trainPolicy, policy, size, imageSizes)) : '–'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Measured, or on the line between two measured sizes; beyond them nothing is known. */
function accuracyAt(arm: ArmRecord, policy: string, size: number): string {
  const points = arm.evaluations.filter((each) => each.policy === policy).sort((a, b) => a.size - b.size);
  const exact = points.find((point) => point.size === size);
  if (exact) return `${percent(exact.accuracy)} measured`;
  const above = points.findIndex((point) => point.size > size);
  const [a, b] = [points[above - 1], points[above]];
  if (!a || !b) return 'not measured';
  return `≈ ${percent(a.accuracy + ((size - a.size) / (b.size - a.size)) * (b.accuracy - a.accuracy))}`;
}

/** Mean apparent size under the named policy next to training; undefined where it cannot be simulated. */
function apparentRatio(train: Policy, policy: string, size: number, sizes: readonly Size[]): number | undefined {
  if (sizes.length === 0) return undefined;
  const trainSize = train.output.width;
  try {
    const candidates = [namedPolicy(policy, { size, trainSize })];
    const plan = planResolution(sizes, train, { trainSize, candidates, draws: Math.ceil(VIEWS / sizes.length) });
    return plan.candidates[0]?.ratio.mean;
  } catch {
    // A policy of the user's own has no member of this size.
    return undefined;
  }
}

function ratioText(ratio: number | undefined): string {
  if (ratio === undefined) return '–';
  const word = ratio > 1.1 ? 'larger than in training' : ratio < 0.9 ? 'smaller than in training' : 'matched';
  return `${ratio.toFixed(2)} ${word}`;
}
