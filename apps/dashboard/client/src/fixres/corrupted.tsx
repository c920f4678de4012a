import type { JSX } from 'preact';
import type { RobustnessRecord, RobustnessSummary } from '@fixres/runs';
import { conditionsWords, robustnessSentences, typographic } from '@fixres/runs/report';
import type { ShownArm } from '../../../shared/protocol.ts';
import { percent, points, pointsInterval, pValue } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { lookOf, Swatch } from '../parts/swatch.tsx';
import { Table } from '../parts/table.tsx';

/** Shades of the style sheet. */
const SHADES = 5;

/** The arms on corrupted images: means, comparisons, and each corruption and severity. */
export function Corrupted({
  arms,
  robustness,
}: {
  arms: readonly ShownArm[];
  robustness: RobustnessSummary;
}): JSX.Element {
  const rows = arms.flatMap(({ name, robustness: record }, index) =>
    record === undefined ? [] : [{ name, index, record }],
  );
  return (
    <Card title="Corrupted images" note={conditionsWords(robustness)}>
      {robustnessSentences(robustness, arms).map((sentence) => (
        <p key={sentence}>{typographic(sentence)}</p>
      ))}
      <Table
        label="Arms on corrupted images"
        columns={[
          { title: 'Arm' },
          { title: 'Clean', numeric: true },
          { title: 'Corrupted', numeric: true },
          { title: '95 % interval', numeric: true },
          { title: 'mCE', numeric: true },
        ]}
        rows={rows.map(({ name, index, record: { clean, accuracy, ci95, mce } }) => ({
          key: name,
          cells: [
            <>
              <Swatch {...lookOf(index)} /> {name}
            </>,
            percent(clean),
            <b>{percent(accuracy)}</b>,
            `${percent(ci95[0])} to ${percent(ci95[1])}`,
            percent(mce),
          ],
        }))}
      />
      {robustness.comparisons.length > 0 && (
        <Table
          label="Comparisons on corrupted images"
          columns={[
            { title: 'Comparison' },
            { title: 'Corrupted', numeric: true },
            { title: '95 % interval', numeric: true },
            { title: 'p (Holm)', numeric: true },
            { title: 'Clean', numeric: true },
            { title: 'Beyond clean', numeric: true },
          ]}
          rows={robustness.comparisons.map(
            ({ a, b, difference, ci95, pAdjusted, clean, kept }) => ({
              key: `${a}-${b}`,
              cells: [
                `${a} − ${b}`,
                points(difference),
                pointsInterval(ci95),
                pValue(pAdjusted),
                points(clean),
                `${points(kept.difference)} (${pointsInterval(kept.ci95)})`,
              ],
            }),
          )}
        />
      )}
      {rows.map(({ name, record }) => (
        <details key={name}>
          <summary>{name} under each corruption and severity</summary>
          <HeatMap arm={name} record={record} />
        </details>
      ))}
    </Card>
  );
}

function HeatMap({ arm, record }: { arm: string; record: RobustnessRecord }): JSX.Element {
  const { conditions, clean } = record;
  const names = [...new Set(conditions.map(({ corruption }) => corruption))];
  const severities = [...new Set(conditions.map(({ severity }) => severity))];
  return (
    <Table
      label={`Corruptions of ${arm}`}
      class="corruptions"
      columns={[
        { title: 'Corruption' },
        ...severities.map((severity) => ({ title: `Severity ${severity}`, numeric: true })),
      ]}
      rows={names.map((name) => ({
        key: name,
        cells: [
          name.replaceAll('_', ' '),
          ...severities.map((severity) => {
            const accuracy = conditions.find(
              (each) => each.corruption === name && each.severity === severity,
            )?.accuracy;
            const part = clean > 0 ? (accuracy ?? 0) / clean : 0;
            const heat = Math.min(Math.max(Math.round(part * SHADES), 0), SHADES);
            return <span class={`heat-${heat}`}>{percent(accuracy)}</span>;
          }),
        ],
      }))}
    />
  );
}
