import type { ArmRecord, ComparisonRecord } from '../../events/events.ts';
import { armClass, armSwatch } from '../charts/arm-marker.ts';
import { duration, megabytes, multiplyAdds, times, withPrefix } from '../page/format.ts';
import { type ArmCost, isMissing, type Missing, type RunCosts } from '../page/report-input.ts';
import { html, type Html } from '../page/html.ts';
import type { ReportSection } from '../page/report-section.ts';
import { ancestors, ownEvaluation, policyAt } from '../page/run-facts.ts';
import { table } from '../page/table.ts';

/** Cost of an arm, alone and with the arms it is initialised from. */
interface Spent {
  arm: ArmRecord;
  cost: ArmCost | undefined;
  /** Multiply-adds of its own training, if known. */
  training: number | undefined;
  parents: readonly ArmRecord[];
  /** Seconds and multiply-adds of the arms it is initialised from; undefined if one is unknown. */
  secondsBefore: number;
  workBefore: number | undefined;
}

/** Time, memory and multiply-adds of every arm, side by side. */
export function costSection(
  arms: readonly ArmRecord[],
  costs: RunCosts | Missing,
  comparisons: readonly ComparisonRecord[],
): ReportSection {
  const counted = isMissing(costs) ? [] : costs.arms;
  const trainingOf = (arm: ArmRecord): number | undefined =>
    costOf(arm.name)?.training ?? arm.trainMultiplyAdds;
  const costOf = (name: string): ArmCost | undefined => counted.find(({ arm }) => arm === name);
  const spent = arms.map((arm): Spent => {
    const parents = ancestors(arm, arms);
    return {
      arm,
      cost: costOf(arm.name),
      training: trainingOf(arm),
      parents,
      secondsBefore: parents.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0),
      workBefore: parents.map(trainingOf).reduce(sumIfKnown, 0),
    };
  });
  const isCounted = spent.some(({ training }) => training !== undefined);
  const hasImages = counted.length > 0;
  const continued = spent.some(({ parents }) => parents.length > 0);
  return {
    id: 'costs',
    title: 'Time, memory and compute',
    body: html`${inShort(spent, comparisons)}
<div class="pair bars">${barChart(
      'Training time',
      spent.map((each) => ({ ...each, before: each.secondsBefore, own: each.arm.trainSeconds })),
      duration,
    )}${
      isCounted &&
      barChart(
        'Training compute',
        spent.map((each) => ({ ...each, before: each.workBefore, own: each.training })),
        multiplyAdds,
      )
    }${barChart(
      'Peak memory in training',
      spent.map((each) => ({ ...each, before: 0, own: each.arm.peakRssMb })),
      megabytes,
    )}${
      hasImages &&
      barChart(
        'Compute to classify an image',
        spent.map((each) => ({ ...each, before: 0, own: each.cost?.image })),
        multiplyAdds,
      )
    }</div>
${costTable(spent, { isCounted, hasImages })}
<p class="soft">${spent.map(sharedFeatures)}${continued && 'The pale part of a bar is the arm that this arm is initialised from. '}Time is for training only, without evaluation; memory is for the
whole process. ${isCounted && COUNTING}${isMissing(costs) ? html`Multiply-adds to classify an image are not available. ${costs.missing}` : modelFacts(costs)}</p>`,
  };
}

const COUNTING = `Compute is counted in multiply-adds (MAC) from the shapes of the layers: the backward pass of a layer takes as many again for its weights
if they train, and as many for its inputs if something below it trains, so training all of a model takes nearly three forward passes per image. Frozen
layers count forward in every epoch, even if their features were cached. `;

function modelFacts({ model, parameters }: RunCosts): string {
  return `The model is ${model}, with ${withPrefix(parameters)} parameters.`;
}

/** Explains why an arm's time is not that of training it alone. */
function sharedFeatures({ arm: { name, featuresFrom } }: Spent): Html | false {
  return (
    featuresFrom !== undefined &&
    html`The time of ${name} does not include the features of its frozen layers, which ${featuresFrom} computed. `
  );
}

/**
 * Compares the first pair of arms of which neither is initialised from the other and that computed
 * their own features.
 */
function inShort(spent: readonly Spent[], comparisons: readonly ComparisonRecord[]): Html | null {
  const find = (name: string): Spent | undefined => spent.find(({ arm }) => arm.name === name);
  const isBefore = (one: Spent | undefined, other: Spent | undefined): boolean =>
    other?.parents.some(({ name }) => name === one?.arm.name) ?? false;
  const pairs = comparisons
    .filter(({ policy }) => policy === 'own')
    .map((pair) => [find(pair.a), find(pair.b)] as const);
  const tookItsOwnTime = (one: Spent | undefined): boolean =>
    one !== undefined &&
    [one.arm, ...one.parents].every(({ featuresFrom }) => featuresFrom === undefined);
  const [a, b] =
    pairs.find(
      (pair) =>
        pair.every(tookItsOwnTime) && !isBefore(pair[0], pair[1]) && !isBefore(pair[1], pair[0]),
    ) ?? [];
  if (!a || !b) return null;
  const time = (a.arm.trainSeconds + a.secondsBefore) / (b.arm.trainSeconds + b.secondsBefore);
  const work = (workInAll(a) ?? NaN) / (workInAll(b) ?? NaN);
  if (!Number.isFinite(time)) return null;
  const named = ({ arm, parents }: Spent): Html =>
    html`<b>${arm.name}</b>${parents.length > 0 && ` (${parents.map(({ name }) => name).join(' and ')} included)`}`;
  return html`<p>Training ${named(a)} took ${times(time)} times as long as training ${named(b)}${
    Number.isFinite(work) && html` and ${times(work)} times as many multiply-adds`
  }.</p>`;
}

function workInAll({ workBefore, training }: Spent): number | undefined {
  return sumIfKnown(workBefore, training);
}

function sumIfKnown(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** A bar shows its known parts; its value is unknown if one of them is. */
interface Bar {
  arm: ArmRecord;
  before: number | undefined;
  own: number | undefined;
}

function barChart(title: string, bars: readonly Bar[], show: (value: number) => string): Html {
  const most = Math.max(...bars.map(({ before = 0, own = 0 }) => before + own)) || 1;
  const width = (value: number): string => `${((value / most) * 100).toFixed(2)}%`;
  const rows = bars.map((bar, i) => {
    const { arm, before = 0, own = 0 } = bar;
    const value = shownIfKnown(sumIfKnown(bar.before, bar.own), show);
    return html`<div class="bar-row"><span class="bar-name">${armSwatch(i)} ${arm.name}</span>
<svg class="bar ${armClass(i)}" width="100%" height="16" role="img"><title>${arm.name}: ${value}</title><rect class="bar-before" width="${width(before)}" height="16"/><rect
  x="${width(before)}" width="${width(own)}" height="16"/></svg><span class="bar-value">${value}</span></div>`;
  });
  return html`<figure class="card"><h3>${title}</h3>${rows}</figure>`;
}

function shownIfKnown(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? 'unknown' : show(value);
}

function costTable(
  spent: readonly Spent[],
  { isCounted, hasImages }: { isCounted: boolean; hasImages: boolean },
): Html {
  const inAll = (total: string, parents: readonly ArmRecord[]): Html | false =>
    parents.length > 0 && html`<span class="note">${total} in total</span>`;
  const work = (each: Spent): Html =>
    html`${shownIfKnown(each.training, multiplyAdds)}${inAll(shownIfKnown(workInAll(each), multiplyAdds), each.parents)}`;
  return table({
    caption: 'Cost of the arms; “in total” includes the arms they are initialised from',
    columns: [
      { name: 'Arm' },
      { name: 'Training time', number: true },
      ...(isCounted ? [{ name: 'Training compute', number: true }] : []),
      { name: 'Peak memory', number: true },
      ...(hasImages ? [{ name: 'Compute per image', number: true }] : []),
    ],
    rows: spent.map((each, i) => {
      const { arm, parents, secondsBefore, cost } = each;
      return [
        html`<span class="arm">${armSwatch(i)} ${arm.name}</span>`,
        html`${duration(arm.trainSeconds)}${inAll(duration(arm.trainSeconds + secondsBefore), parents)}`,
        ...(isCounted ? [work(each)] : []),
        megabytes(arm.peakRssMb),
        ...(hasImages
          ? [
              html`${shownIfKnown(cost?.image, multiplyAdds)}<span class="note">${policyAt(ownEvaluation(arm))}</span>`,
            ]
          : []),
      ];
    }),
    className: 'costs',
  });
}
