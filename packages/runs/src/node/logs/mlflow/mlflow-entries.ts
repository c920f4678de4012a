import type { RunEvent, Summary } from '../../../events/events.ts';
import { type ConfigValue, flattenConfig } from '../../../experiment/flatten-config.ts';
import { armsToMeasure } from '../../../experiment/measured-size.ts';
import type { RunConfig } from '../../../experiment/run-config.ts';
import type { ArmOfSeed } from '../../../file-names.ts';
import { policyAt } from '../../../report/page/run-facts.ts';
import type { MlflowEntry, MlflowMetric } from './mlflow-client.ts';

/** Length of a name in MLflow's database. */
const LONGEST_KEY = 250;

/** Replaces what MLflow does not allow in names. */
function keyOf(name: string): string {
  return name.replace(/[^\w\-./ ]/g, '_').slice(0, LONGEST_KEY);
}

/** Settings of the whole experiment that are known, named as in comparisons of runs. */
export function experimentParams(config: RunConfig): MlflowEntry[] {
  return paramsOf(knownSettings(config));
}

/** Settings of one arm without its name in front, and those that all arms share. */
export function armParams(config: RunConfig, { arm, seed }: ArmOfSeed): MlflowEntry[] {
  const others = config.experiment.arms.filter(({ name }) => name !== arm);
  const settings = knownSettings(config).filter(
    ([name]) => !others.some((other) => name.startsWith(`${other.name}.`)),
  );
  const own = settings.flatMap(([name, value]): typeof settings =>
    name.startsWith(`${arm}.`) ? [[name.slice(arm.length + 1), value]] : [],
  );
  const shared = settings.filter(([name]) => !name.startsWith(`${arm}.`));
  return paramsOf([['arm', arm], ['seed', seed], ...own, ...shared]);
}

/** Without those that follow from sizes which are not chosen yet: MLflow refuses a second value. */
function knownSettings(config: RunConfig): [string, ConfigValue][] {
  const { experiment } = config;
  const settings = Object.entries(flattenConfig(config));
  const waiting = armsToMeasure(experiment);
  if (waiting.length === 0) return settings;
  const open = new Set([
    'evaluations',
    ...waiting.flatMap((name) => [`${name}.trainPolicy`, `${name}.testPolicy`]),
    // Lengths of equal cost depend on the sizes.
    ...experiment.arms.flatMap(({ name, cost }) =>
      cost === undefined ? [] : [`${name}.epochs`, `${name}.steps`],
    ),
  ]);
  return settings.filter(([name]) => !open.has(name));
}

/** The first of each name: MLflow refuses a second value. Empty values are left out. */
function paramsOf(settings: readonly (readonly [string, ConfigValue])[]): MlflowEntry[] {
  const params = new Map<string, string>();
  for (const [name, value] of settings) {
    const text = String(value ?? '');
    const key = keyOf(name);
    if (text !== '' && !params.has(key)) params.set(key, text);
  }
  return [...params].map(([key, value]) => ({ key, value }));
}

/** Updates of an arm. */
export interface ArmSteps {
  perEpoch: number;
  total: number;
}

/** The metrics of an event, named as in TensorBoard; steps are counted over the whole arm. */
export function eventMetrics(event: RunEvent, steps: ArmSteps): MlflowMetric[] {
  switch (event.type) {
    case 'progress': {
      if (event.phase !== 'train') return [];
      const { loss, accuracy, learningRate } = event;
      return metricsOf(
        {
          'train/loss': loss,
          'train/accuracy': accuracy,
          'train/learning_rate': learningRate,
        },
        { time: event.time, step: event.epoch * steps.perEpoch + event.step },
      );
    }
    case 'epoch': {
      const { loss, accuracy, heldOutAccuracy } = event;
      return metricsOf(
        {
          'epoch/loss': loss,
          'epoch/accuracy': accuracy,
          'epoch/held_out_accuracy': heldOutAccuracy,
        },
        { time: event.time, step: Math.min((event.epoch + 1) * steps.perEpoch, steps.total) },
      );
    }
    case 'evaluation': {
      const { policy, size, correct, total, metrics, multiLabel } = event;
      const test = `test/${policyAt({ policy, size })}`;
      return metricsOf(
        {
          [`${test}/accuracy`]: correct / total,
          [`${test}/nll`]: metrics?.nll,
          [`${test}/ece`]: metrics?.calibration.ece,
          [`${test}/mean_average_precision`]: multiLabel?.meanAveragePrecision,
          [`${test}/f1_micro`]: multiLabel?.f1.micro,
          [`${test}/f1_macro`]: multiLabel?.f1.macro,
        },
        { time: event.time, step: steps.total },
      );
    }
    default:
      return [];
  }
}

/** The result of the experiment: accuracy of each arm under each test policy, and the comparisons, with their 95 % intervals. */
export function summaryMetrics({ arms, comparisons }: Summary, time: string): MlflowMetric[] {
  const at = { time, step: 0 };
  return [
    ...arms.flatMap(({ name, evaluations }) =>
      evaluations.flatMap(({ policy, size, accuracy, ci95: [low, high] }) => {
        const test = `${name}/${policyAt({ policy, size })}`;
        return metricsOf(
          {
            [`${test}/accuracy`]: accuracy,
            [`${test}/accuracy_ci95_low`]: low,
            [`${test}/accuracy_ci95_high`]: high,
          },
          at,
        );
      }),
    ),
    ...comparisons.flatMap(({ a, b, policy, difference, ci95: [low, high], pAdjusted }) => {
      const comparison = `${a} - ${b}/${policy}`;
      return metricsOf(
        {
          [`${comparison}/difference`]: difference,
          [`${comparison}/difference_ci95_low`]: low,
          [`${comparison}/difference_ci95_high`]: high,
          [`${comparison}/p_adjusted`]: pAdjusted,
        },
        at,
      );
    }),
  ];
}

/** Numbers that JSON cannot express are `null` in a log, and left out. */
function metricsOf(
  numbers: Readonly<Record<string, number | null | undefined>>,
  { time, step }: { time: string; step: number },
): MlflowMetric[] {
  return Object.entries(numbers).flatMap(([name, value]) =>
    Number.isFinite(value)
      ? [{ key: keyOf(name), value: value!, timestamp: Date.parse(time), step }]
      : [],
  );
}
