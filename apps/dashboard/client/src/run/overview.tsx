import { compareSizes, imageSizeText } from '@fixres/data/names';
import type { ComponentProps, JSX } from 'preact';
import type { ComparisonRecord, PooledMultiLabel, PrecisionComparison } from '@fixres/runs';
import {
  multiplyAddsText,
  payoffText,
  policyAt,
  seedStoppingText,
  typographic,
} from '@fixres/runs/report';
import type { RunDetail, ShownArm, ShownSummary } from '../../../shared/protocol.ts';
import { Corrupted } from '../fixres/corrupted.tsx';
import { GainParts } from '../fixres/gain-parts.tsx';
import { count, duration, percent, points, pointsInterval, pValue, short } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { lookOf, Swatch } from '../parts/swatch.tsx';
import { Table } from '../parts/table.tsx';

/** The result of a run in numbers, or what is known before there is one. */
export function Overview({ detail }: { detail: RunDetail }): JSX.Element {
  const { summary, dataset, engine } = detail;
  return (
    <>
      <section class="card" aria-label="Facts">
        <dl class="facts">
          <Fact
            name="Data"
            value={dataset?.name ?? '–'}
            note={
              dataset
                ? `${count(dataset.train, 'training image')}, ${count(dataset.heldOut, 'held out', 'held out')}`
                : ''
            }
          />
          <Fact name="Model" {...modelFact(detail.row.config)} />
          <Fact name="Engine" value={engine?.name ?? '–'} note={engine?.reason ?? ''} />
          <Fact
            name="Time"
            value={summary ? duration(summary.seconds) : '–'}
            note={summary ? 'training and evaluation' : 'not finished'}
          />
        </dl>
      </section>
      {summary ? (
        <>
          {summary.factorial && <GainParts record={summary.factorial} />}
          <Arms arms={summary.arms} />
          <Comparisons summary={summary} />
          {summary.robustness && <Corrupted arms={summary.arms} robustness={summary.robustness} />}
        </>
      ) : (
        <p class="notice">No result yet; the curves show the progress.</p>
      )}
      {detail.output !== null && detail.output !== '' && (
        <Card title="Output" note="the end of output.log">
          <pre tabIndex={0}>{detail.output}</pre>
        </Card>
      )}
      <div class="two">
        <Card title="Configuration">
          <pre tabIndex={0}>{JSON.stringify(detail.config, null, 2)}</pre>
        </Card>
        <Card title="Environment">
          <pre tabIndex={0}>{JSON.stringify(detail.environment, null, 2)}</pre>
        </Card>
      </div>
    </>
  );
}

function Fact({ name, value, note }: { name: string; value: string; note: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        <span>{note}</span>
      </dd>
    </div>
  );
}

/** A network by its name, or a stored model by its folder. */
function modelFact(config: RunDetail['row']['config']): { value: string; note: string } {
  const folder = config['model.folder'];
  if (folder !== undefined)
    return { value: String(folder).split(/[/\\]/).at(-1)!, note: 'a stored model' };
  return {
    value: String(config['model.name'] ?? '–'),
    note: `stem width ${String(config['model.width'] ?? '–')}`,
  };
}

function Arms({ arms }: { arms: readonly ShownArm[] }): JSX.Element {
  const byKey = new Map(
    arms.flatMap(({ evaluations }) =>
      evaluations.map(
        ({ policy, size }) => [policyAt({ policy, size }), { policy, size }] as const,
      ),
    ),
  );
  const keys = [...byKey]
    .sort(([, a], [, b]) => a.policy.localeCompare(b.policy) || compareSizes(a.size, b.size))
    .map(([key]) => key);
  // Runs of earlier versions do not record it.
  const isCounted = arms.some(({ trainMultiplyAdds }) => trainMultiplyAdds !== undefined);
  const isMultiLabel = arms.some((arm) => ownPrecision(arm) !== undefined);
  const columns = [
    { title: 'Arm' },
    { title: 'Trained at', numeric: true },
    { title: 'What trains' },
    ...(isMultiLabel ? [{ title: 'mAP', numeric: true }] : []),
    ...keys.map((title) => ({ title, numeric: true })),
    ...(isCounted ? [{ title: 'Compute', numeric: true }] : []),
    { title: 'Training', numeric: true },
    { title: 'Peak memory', numeric: true },
  ];
  return (
    <Card
      title="Arms"
      note={`${isMultiLabel ? 'mean average precision under the own test policy; exact sets of labels' : 'accuracy'} on the held-out images under each test policy; the arm's own in bold${isCounted ? '; compute of its own training in multiply-adds (MAC)' : ''}`}
    >
      <Table
        label="Arms"
        columns={columns}
        rows={arms.map((arm, i) => {
          const name = (
            <>
              <Swatch {...lookOf(i)} /> {arm.name}
            </>
          );
          const accuracies = keys.map((key) => (
            <Accuracy arm={arm} at={arm.evaluations.findIndex((each) => policyAt(each) === key)} />
          ));
          return {
            key: arm.name,
            cells: [
              name,
              `${imageSizeText(arm.trainSize)} px`,
              arm.freeze,
              ...(isMultiLabel ? [<Precision arm={arm} />] : []),
              ...accuracies,
              ...(isCounted ? [compute(arm)] : []),
              duration(arm.trainSeconds),
              `${short(arm.peakRssMb)} MB`,
            ],
          };
        })}
      />
    </Card>
  );
}

/** Multiply-adds of an arm's own training. A summary is a file, which can contain anything. */
function compute({ trainMultiplyAdds }: ShownArm): string {
  return typeof trainMultiplyAdds === 'number' ? multiplyAddsText(trainMultiplyAdds) : '–';
}

/** Mean average precision of multi-label images under the arm's own test policy. */
function ownPrecision({
  evaluations,
  ownEvaluation,
}: ShownArm): PooledMultiLabel['meanAveragePrecision'] | undefined {
  return evaluations[ownEvaluation]?.multiLabel?.meanAveragePrecision;
}

function Precision({ arm }: { arm: ShownArm }): JSX.Element {
  const precision = ownPrecision(arm);
  if (!precision) return <>–</>;
  const title = `95 % interval ${percent(precision.ci95[0])} to ${percent(precision.ci95[1])}`;
  return (
    <span title={title}>
      <b>{percent(precision.mean)}</b>
    </span>
  );
}

/** Accuracy of an arm under one of its evaluations. */
function Accuracy({ arm, at }: { arm: ShownArm; at: number }): JSX.Element {
  const evaluation = arm.evaluations[at];
  if (!evaluation) return <>–</>;
  const title = `95 % interval ${percent(evaluation.ci95[0])} to ${percent(evaluation.ci95[1])}`;
  const text = percent(evaluation.accuracy);
  return <span title={title}>{at === arm.ownEvaluation ? <b>{text}</b> : text}</span>;
}

function Comparisons({ summary }: { summary: ShownSummary }): JSX.Element | null {
  const { comparisons, smallestDetectable: smallest, seedStopping } = summary;
  if (comparisons.length === 0) return null;
  const sentences = [payoffText(summary), seedStopping && seedStoppingText(seedStopping)];
  return (
    <Card
      title="Comparisons"
      note={
        smallest < 1
          ? `differences under about ${(smallest * 100).toFixed(1)} points are likely to be missed here`
          : 'the held-out images are too few to show any difference'
      }
    >
      {sentences.map((sentence) => sentence && <p key={sentence}>{typographic(sentence)}</p>)}
      <Table
        label="Comparisons"
        columns={[
          { title: 'Comparison' },
          { title: 'Tested' },
          { title: 'Difference', numeric: true },
          { title: '95 % interval', numeric: true },
          { title: 'p (Holm)', numeric: true },
          { title: 'Verdict' },
        ]}
        rows={comparisons.flatMap((comparison) => [
          accuracyRow(comparison),
          ...(comparison.meanAveragePrecision
            ? [precisionRow(comparison, comparison.meanAveragePrecision)]
            : []),
        ])}
      />
    </Card>
  );
}

function accuracyRow({
  a,
  b,
  policy,
  difference,
  ci95,
  pAdjusted,
  verdict,
  smallestDetectable,
}: ComparisonRecord): ComponentProps<typeof Table>['rows'][number] {
  return {
    key: `${a}-${b}-${policy}`,
    cells: [
      `${a} − ${b}`,
      policy,
      `${points(difference)} points`,
      pointsInterval(ci95),
      pValue(pAdjusted),
      verdict !== 'not distinguishable'
        ? `${a} is ${verdict} than ${b}`
        : // Runs of earlier versions do not record what each comparison could have found.
          `${verdict} (${smallestDetectable === undefined ? 'within the noise' : `detectable: ${smallestDetectable < 1 ? `${(smallestDetectable * 100).toFixed(1)} points` : 'none, too few images'}`})`,
    ],
  };
}

/** The difference in mean average precision of multi-label images. */
function precisionRow(
  { a, b, policy }: ComparisonRecord,
  { difference, ci95, pAdjusted, verdict }: PrecisionComparison,
): ComponentProps<typeof Table>['rows'][number] {
  return {
    key: `${a}-${b}-${policy}-mAP`,
    cells: [
      `${a} − ${b}, mAP`,
      policy,
      `${points(difference)} points`,
      pointsInterval(ci95),
      pValue(pAdjusted),
      verdict === 'not distinguishable' ? verdict : `${a} is ${verdict} than ${b}`,
    ],
  };
}
