import type { JSX } from 'preact';
import type { CalibrationBin } from '@fixres/runs';
import type { CalibrationAnswer, RunDetail } from '../../../shared/protocol.ts';
import { fetchCalibration } from '../api.ts';
import { count, percent, points, pointsInterval } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { lookOf } from '../parts/swatch.tsx';
import { Table } from '../parts/table.tsx';
import { ChosenPredictions } from './chosen-predictions.tsx';

type Described = NonNullable<CalibrationAnswer['calibration']>;
type FilledBin = CalibrationBin & { confidence: number; accuracy: number };

const TICKS = [0, 25, 50, 75, 100];
/** Radii of the marks in pixels; the area increases with the number of images. */
const RADII = { least: 2.5, most: 10 };

/** Whether confidences can be believed: a reliability diagram, and the error before and after temperature scaling. */
export function CalibrationView({ detail }: { detail: RunDetail }): JSX.Element {
  return (
    <ChosenPredictions
      detail={detail}
      load={fetchCalibration}
      tools={(answer) => answer && <span class="inline soft">{imagesText(answer)}</span>}
    >
      {({ calibration }, { arm }) => {
        if (calibration === null)
          return (
            <p class="notice">
              Calibration is for images with one label each, of which this file has none.
            </p>
          );
        const index = detail.summary?.arms.findIndex(({ name }) => name === arm) ?? -1;
        return (
          <div class="two">
            <Reliability
              arm={arm}
              described={calibration}
              colour={lookOf(Math.max(0, index)).colour}
            />
            <Errors described={calibration} />
          </div>
        );
      }}
    </ChosenPredictions>
  );
}

function imagesText({ images, isPart, damaged }: CalibrationAnswer): string {
  return `${isPart ? 'the first ' : ''}${count(images, 'image')}${damaged > 0 ? `, ${count(damaged, 'line')} unreadable` : ''}`;
}

function Reliability({
  arm,
  described: { asTrained, bins },
  colour,
}: {
  arm: string;
  described: Described;
  colour: number;
}): JSX.Element {
  const filled = bins.filter((bin): bin is FilledBin => bin.images > 0);
  const most = Math.max(...filled.map(({ images }) => images));
  return (
    <Card
      title="Reliability diagram"
      note="marks on the dashed line are well calibrated; below it, the arm is overconfident; larger marks are more images"
    >
      <div class="reliability">
        <svg
          class={`lane-${colour}`}
          width="100%"
          height="280"
          role="img"
          aria-label={`Reliability of ${arm}: expected calibration error ${percent(asTrained.ece)}`}
        >
          {TICKS.map((tick) => (
            <g key={tick}>
              <line class="grid" x1="0" x2="100%" y1={`${100 - tick}%`} y2={`${100 - tick}%`} />
              <line class="grid" x1={`${tick}%`} x2={`${tick}%`} y1="0" y2="100%" />
              <text x="0" dx="-6" y={`${100 - tick}%`} dy="0.32em" text-anchor="end">
                {tick}
              </text>
              <text x={`${tick}%`} y="100%" dy="1.4em" text-anchor="middle">
                {tick}
              </text>
            </g>
          ))}
          <line class="ideal" x1="0" x2="100%" y1="100%" y2="0" />
          {filled.map(({ low, confidence, accuracy, images }) => (
            <g key={low}>
              <line
                class="gap"
                x1={`${confidence * 100}%`}
                x2={`${confidence * 100}%`}
                y1={`${100 - accuracy * 100}%`}
                y2={`${100 - confidence * 100}%`}
              />
              <circle
                cx={`${confidence * 100}%`}
                cy={`${100 - accuracy * 100}%`}
                r={Math.max(RADII.least, RADII.most * Math.sqrt(images / most))}
              />
            </g>
          ))}
        </svg>
        <p class="soft">% confidence (across), % correct (up)</p>
      </div>
      <details>
        <summary>The numbers of the diagram</summary>
        <Table
          label="Confidence and accuracy"
          columns={[
            { title: 'Confidence between' },
            { title: 'Images', numeric: true },
            { title: 'Mean confidence', numeric: true },
            { title: 'Accuracy', numeric: true },
          ]}
          rows={filled.map(({ low, high, images, confidence, accuracy }) => ({
            key: String(low),
            cells: [
              `${percent(low)} to ${percent(high)}`,
              String(images),
              percent(confidence),
              percent(accuracy),
            ],
          }))}
        />
      </details>
    </Card>
  );
}

function Errors({
  described: { asTrained, scaled, temperature, change },
}: {
  described: Described;
}): JSX.Element {
  return (
    <Card
      title="Calibration error"
      note={`temperature scaling changes the debiased error by ${points(change.difference)} points (${pointsInterval(change.ci95)})`}
    >
      <Table
        label="Calibration error"
        columns={[
          { title: 'Measure' },
          { title: 'As trained', numeric: true },
          { title: 'Scaled', numeric: true },
        ]}
        rows={[
          { key: 'temperature', cells: ['Temperature', '1.00', temperature.mean.toFixed(2)] },
          { key: 'error', cells: ['Error', percent(asTrained.ece), percent(scaled.ece)] },
          {
            key: 'debiased',
            cells: [
              'Debiased error',
              <b>{percent(asTrained.debiasedEce)}</b>,
              <b>{percent(scaled.debiasedEce)}</b>,
            ],
          },
          {
            key: 'interval',
            cells: ['95 % interval', interval(asTrained), interval(scaled)],
          },
          { key: 'nll', cells: ['NLL', asTrained.nll.toFixed(3), scaled.nll.toFixed(3)] },
        ]}
      />
      <p class="soft">
        Debiased: with less of the error that chance alone shows, with 95 % intervals by the
        bootstrap over images. Each half of the images is scaled with the temperature that was
        fitted on the other half; the temperature shown is fitted on all, above 1 if the arm is
        overconfident. NLL: negative log-likelihood in nats.
      </p>
    </Card>
  );
}

function interval({ ci95: [low, high] }: Described['asTrained']): string {
  return `${percent(low)} to ${percent(high)}`;
}
