import { policyAt } from '@fixres/runs/report';
import type { JSX } from 'preact';
import type { PredictionFile, RunDetail } from '../../../shared/protocol.ts';
import { param, setParams } from '../state/url-state.ts';

/**
 * The file of predictions in the address; otherwise that of the first fine-tuned arm under its own
 * test policy.
 */
export function chosenPredictions({ predictions, summary }: RunDetail): PredictionFile | undefined {
  const named = predictions.find(({ name }) => name === param('predictions'));
  if (named) return named;
  const arm = summary?.arms.find(({ initFrom }) => initFrom !== null) ?? summary?.arms[0];
  const own = arm?.evaluations[arm.ownEvaluation];
  return (
    predictions.find(
      (file) => file.arm === arm?.name && own !== undefined && file.evaluation === policyAt(own),
    ) ?? predictions[0]
  );
}

/** Chooses a file of predictions by its arm, seed and test policy. */
export function PredictionsChoice({
  detail,
  chosen,
}: {
  detail: RunDetail;
  chosen: PredictionFile;
}): JSX.Element {
  const { predictions } = detail;
  const choose = (wanted: Partial<PredictionFile>): void => {
    const next = { ...chosen, ...wanted };
    const exact = predictions.find(
      ({ arm, seed, evaluation }) =>
        arm === next.arm && seed === next.seed && evaluation === next.evaluation,
    );
    const file = exact ?? predictions.find(({ arm }) => arm === next.arm);
    if (file) setParams({ predictions: file.name, cell: '', page: '' });
  };
  const several = (values: readonly (string | number)[]): string[] => [
    ...new Set(values.map(String)),
  ];
  const seeds = several(predictions.map(({ seed }) => seed));
  return (
    <>
      <Picker
        title="Arm"
        value={chosen.arm}
        options={several(predictions.map(({ arm }) => arm))}
        onChange={(arm) => choose({ arm })}
      />
      <Picker
        title="Test policy"
        value={chosen.evaluation}
        options={several(predictions.map(({ evaluation }) => evaluation))}
        onChange={(evaluation) => choose({ evaluation })}
      />
      {seeds.length > 1 && (
        <Picker
          title="Seed"
          value={String(chosen.seed)}
          options={seeds}
          onChange={(seed) => choose({ seed: Number(seed) })}
        />
      )}
    </>
  );
}

interface PickerProps {
  title: string;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
}

/** A labelled list of choices. */
export function Picker({ title, value, options, onChange }: PickerProps): JSX.Element {
  return (
    <label class="field">
      {title}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}
