import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import {
  compareSizes,
  distinctSizes,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isSameSize,
  mapSides,
  meanSide,
  namedPolicy,
  planResolution,
  type Policy,
  type Size,
} from '@fixres/data';
import { linePath, niceScale } from '@fixres/runs/report';
import type { RunDetail, ShownArm } from '../../../shared/protocol.ts';
import { fetchImageSizes } from '../api.ts';
import { percent, short, withUnit } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { SizeFrame } from '../parts/size-frame.tsx';
import { lookOf, Swatch } from '../parts/swatch.tsx';
import { Table } from '../parts/table.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { Picker } from '../run/choose.tsx';
import { param, setParams } from '../state/url-state.ts';
import { armsOf } from './experiment-of.ts';

/**
 * Total number of simulated views: the mean is then accurate to about one percent, and the slider
 * stays fast.
 */
const VIEWS = 8000;

/**
 * Accuracy against the test size, and the effect of another size: its cost, and the apparent size
 * of objects.
 */
export function TestSize({ detail }: { detail: RunDetail }): JSX.Element {
  const arms = detail.summary?.arms ?? [];
  const sizesLoaded = useLoaded(
    () =>
      detail.predictions[0]
        ? fetchImageSizes(detail.row.id, detail.predictions[0].name)
        : Promise.resolve([]),
    [detail.row.id],
    [detail.predictions[0]?.name],
  );
  const imageSizes = sizesLoaded.state === 'ready' ? sizesLoaded.value : [];
  const multiplyAdds = useMultiplyAdds(detail);
  const measured = distinctSizes(
    arms.flatMap(({ evaluations }) => evaluations.map(({ size }) => size)),
  );
  const policies = [
    ...new Set(arms.flatMap(({ evaluations }) => evaluations.map(({ policy }) => policy))),
  ];
  if (arms.length === 0 || measured.length === 0) return <p class="notice">No result yet.</p>;
  const [smallest, largest] = [measured[0]!, measured.at(-1)!];
  const low = Math.max(16, Math.floor((meanSide(smallest) * 0.6) / 8) * 8);
  const high = Math.ceil((meanSide(largest) * 1.35) / 8) * 8;
  const side = Number(param('size')) || Math.round(meanSide(largest));
  const place = Math.min(high, Math.max(low, side));
  const size = sizeLike(largest, place);
  const policy = policies.includes(param('policy')) ? param('policy') : policies[0]!;
  return (
    <>
      <div class="tools">
        <Picker
          title="Test policy"
          value={policy}
          options={policies}
          onChange={(next) => setParams({ policy: next })}
        />
        <label class="field grow">
          Test size: {imageSizeText(size)} px
          <input
            class="wide-range"
            type="range"
            min={low}
            max={high}
            step="1"
            value={place}
            aria-valuetext={`${imageSizeText(size)} pixels`}
            onInput={(event) => setParams({ size: event.currentTarget.value })}
          />
        </label>
      </div>
      <Card
        title="Accuracy against test size"
        note={`held-out images under ${policy}; bars are 95 % intervals, rings the size an arm was trained at${measured.some((each) => typeof each === 'object') ? '; a rectangle is at the side of the square with its area' : ''}; drag to choose a size`}
      >
        <SizePlot arms={arms} policy={policy} place={place} range={[low, high]} />
      </Card>
      <SizeTable
        detail={detail}
        arms={arms}
        policy={policy}
        size={size}
        imageSizes={imageSizes}
        multiplyAdds={multiplyAdds}
      />
    </>
  );
}

/** The size of this mean side in the shape of another. */
function sizeLike(shape: ImageSize, side: number): ImageSize {
  const factor = side / meanSide(shape);
  return mapSides(shape, (length) => Math.round(length * factor));
}

interface SizePlotProps {
  arms: readonly ShownArm[];
  policy: string;
  /** Mean side of the chosen size, in pixels. */
  place: number;
  range: readonly [number, number];
}

function SizePlot({ arms, policy, place, range }: SizePlotProps): JSX.Element {
  const ends = arms.flatMap(({ evaluations }) =>
    evaluations.filter((each) => each.policy === policy).flatMap(({ ci95 }) => ci95),
  );
  const { ticks } = niceScale(ends, { smallestStep: 0.01, bounds: [0, 1] });
  return (
    <SizeFrame
      label={`Accuracy against test size under ${policy}. The table below has the numbers.`}
      height={320}
      sizes={range}
      ticks={ticks}
      valueText={(value) => `${Math.round(value * 100)} %`}
      class="draggable"
      onSize={(next) => setParams({ size: String(next) })}
      draw={(x, y) => (
        <>
          {arms.map((arm, i) => {
            const points = arm.evaluations
              .filter((each) => each.policy === policy)
              .sort((a, b) => compareSizes(a.size, b.size));
            // Arms at the same size are drawn side by side, each closer to its own size than to the
            // next.
            const at = points.map((point) => x(meanSide(point.size)));
            const gaps = at.slice(1).map((end, k) => end - at[k]!);
            const shift =
              (i - (arms.length - 1) / 2) *
              Math.min(14, ...gaps.map((gap) => gap / (arms.length + 1)));
            return (
              <g key={arm.name} class={`lane-${lookOf(i).colour}`}>
                <path
                  class="path"
                  d={linePath(points.map((point, k) => [at[k]! + shift, y(point.accuracy)]))}
                />
                {points.map((point, k) => (
                  <g key={imageSizeText(point.size)} transform={`translate(${at[k]! + shift} 0)`}>
                    <line class="error" y1={y(point.ci95[0])} y2={y(point.ci95[1])} />
                    {isSameSize(point.size, arm.trainSize) && (
                      <circle class="own" cy={y(point.accuracy)} r="8" />
                    )}
                    <circle class="mark" cy={y(point.accuracy)} r="4.5" />
                  </g>
                ))}
              </g>
            );
          })}
          <line
            class="cursor"
            x1={x(place)}
            x2={x(place)}
            y1={y(ticks.at(-1)!)}
            y2={y(ticks[0]!)}
          />
          <path class="handle" d={`M${x(place)},${y(ticks[0]!)}l7,9h-14z`} />
        </>
      )}
    />
  );
}

interface SizeTableProps {
  detail: RunDetail;
  arms: readonly ShownArm[];
  policy: string;
  size: ImageSize;
  imageSizes: readonly Size[];
  /** Compute of the run's architecture for one image; undefined until the model is loaded. */
  multiplyAdds: ((size: ImageSize) => number) | undefined;
}

/** All arms have the same architecture, so any model works. */
function useMultiplyAdds(detail: RunDetail): ((size: ImageSize) => number) | undefined {
  const model = detail.models[0];
  const arm = armsOf(detail.config).find(({ name }) => name === model?.arm);
  const loaded = useLoaded(async () => {
    if (!model || !arm) return undefined;
    // TensorFlow.js is large; the page does not wait for it.
    const [{ loadRunModel }, work] = await Promise.all([
      import('../try-it/run-model.ts'),
      import('../try-it/model-work.ts'),
    ]);
    const ready = await loadRunModel(detail.row.id, model.name, arm.testPolicy);
    return { at: (size: ImageSize) => work.multiplyAdds(ready, size) };
  }, [detail.row.id, model?.name]);
  return loaded.state === 'ready' ? loaded.value?.at : undefined;
}

function SizeTable({
  detail,
  arms,
  policy,
  size,
  imageSizes,
  multiplyAdds,
}: SizeTableProps): JSX.Element {
  const configs = useMemo(() => armsOf(detail.config), [detail.config]);
  const work = multiplyAdds?.(size);
  const relative = (trainSize: ImageSize): number =>
    multiplyAdds
      ? multiplyAdds(size) / multiplyAdds(trainSize)
      : (meanSide(size) / meanSide(trainSize)) ** 2;
  return (
    <Card
      title={`At ${imageSizeText(size)} px`}
      note={
        'accuracies between two measured sizes are interpolated; the ratio is simulated on ' +
        `${imageSizes.length} held-out images, 1 is matched`
      }
    >
      <Table
        label={`At ${imageSizeText(size)} pixels`}
        columns={[
          { title: 'Arm' },
          { title: 'Trained at', numeric: true },
          { title: 'Accuracy', numeric: true },
          { title: 'Multiply-adds per image', numeric: true },
          { title: 'Apparent size, test / train', numeric: true },
        ]}
        rows={arms.map((arm, i) => {
          const config = configs.find(({ name }) => name === arm.name);
          const cells = [
            <>
              <Swatch {...lookOf(i)} /> {arm.name}
            </>,
            `${imageSizeText(arm.trainSize)} px`,
            accuracyAt(arm, policy, size),
            `${work === undefined ? '' : `${withUnit(work)}, `}× ${short(relative(arm.trainSize))} of training`,
            config ? ratioText(apparentRatio(config.trainPolicy, policy, size, imageSizes)) : '–',
          ];
          return { key: arm.name, cells };
        })}
      />
    </Card>
  );
}

/** Measured, or interpolated between two measured sizes; unknown beyond them. */
function accuracyAt(arm: ShownArm, policy: string, size: ImageSize): string {
  const points = arm.evaluations
    .filter((each) => each.policy === policy)
    .sort((a, b) => compareSizes(a.size, b.size));
  const exact = points.find((point) => isSameSize(point.size, size));
  if (exact) return `${percent(exact.accuracy)} measured`;
  const side = meanSide(size);
  const above = points.findIndex((point) => meanSide(point.size) > side);
  const [a, b] = [points[above - 1], points[above]];
  if (!a || !b) return 'not measured';
  const [from, to] = [meanSide(a.size), meanSide(b.size)];
  return `≈ ${percent(a.accuracy + ((side - from) / (to - from)) * (b.accuracy - a.accuracy))}`;
}

/**
 * Mean apparent size under the named policy, relative to training; undefined if it cannot be
 * simulated.
 */
function apparentRatio(
  train: Policy,
  policy: string,
  size: ImageSize,
  sizes: readonly Size[],
): number | undefined {
  if (sizes.length === 0) return undefined;
  const trainSize = imageSizeOf(train.output);
  try {
    const candidates = [namedPolicy(policy, { size, trainSize })];
    const plan = planResolution(sizes, train, {
      trainSize,
      candidates,
      draws: Math.ceil(VIEWS / sizes.length),
    });
    return plan.candidates[0]?.ratio.mean;
  } catch {
    // A custom policy has no variant of this size.
    return undefined;
  }
}

function ratioText(ratio: number | undefined): string {
  if (ratio === undefined) return '–';
  const word =
    ratio > 1.1 ? 'larger than in training' : ratio < 0.9 ? 'smaller than in training' : 'matched';
  return `${ratio.toFixed(2)} ${word}`;
}
