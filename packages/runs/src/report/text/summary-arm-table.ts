import { imageSizeText } from '@fixres/data/names';
import type { ArmRecord } from '../../events/events.ts';
import { clock, megabytes, percent } from '../format.ts';
import { multiplyAddsText } from '../multiply-adds.ts';
import { ancestors, ownEvaluation, policyAt } from '../page/run-facts.ts';
import type { TableColumn } from './fitted-table.ts';
import { tableInBlocks } from './table-in-blocks.ts';

/** Accuracy of each arm under every test policy, and what its training cost. */
export function summaryArmTable(arms: readonly ArmRecord[], width: number): string {
  const policies = [...new Set(arms.flatMap((arm) => arm.evaluations.map(policyAt)))];
  const evaluations = policies.map((title): TableColumn<ArmRecord> => ({
    title,
    cell: (arm) => accuracyUnder(title, arm),
    right: true,
  }));
  const compute: TableColumn<ArmRecord> = {
    title: 'compute',
    cell: (arm) => computeText(arm, arms),
    right: true,
  };
  const cost: TableColumn<ArmRecord>[] = [
    ...(isCounted(arms) ? [compute] : []),
    { title: 'time', cell: (arm) => timeText(arm, arms), right: true },
    { title: 'peak memory', cell: ({ peakRssMb }) => megabytes(peakRssMb), right: true },
  ];
  return tableInBlocks({ title: 'arm', cell: ({ name }) => name }, [accuracy, evaluations, cost], {
    rows: arms,
    width,
  });
}

/** Whether training compute is known of any arm. */
export function isCounted(arms: readonly ArmRecord[]): boolean {
  return arms.some(({ trainMultiplyAdds }) => trainMultiplyAdds !== undefined);
}

const accuracy: readonly TableColumn<ArmRecord>[] = [
  { title: 'trained at', cell: ({ trainSize }) => `${imageSizeText(trainSize)} px`, right: true },
  {
    title: 'own test accuracy',
    cell: (arm) => percent(ownEvaluation(arm).accuracy),
    right: true,
  },
  {
    title: '95 % interval',
    cell: (arm) =>
      ownEvaluation(arm)
        .ci95.map((end) => percent(end))
        .join(' to '),
    right: true,
  },
];

/** Accuracy under a policy, with a mark if it is the arm's own test policy. */
function accuracyUnder(policy: string, arm: ArmRecord): string {
  const evaluation = arm.evaluations.find((each) => policyAt(each) === policy);
  if (!evaluation) return '-  ';
  return `${percent(evaluation.accuracy)}${evaluation === ownEvaluation(arm) ? ' *' : '  '}`;
}

function timeText(arm: ArmRecord, arms: readonly ArmRecord[]): string {
  const parents = ancestors(arm, arms);
  const before = parents.reduce((sum, { trainSeconds }) => sum + trainSeconds, 0);
  return parents.length > 0
    ? `${clock(before)} + ${clock(arm.trainSeconds)}`
    : clock(arm.trainSeconds);
}

/** Training compute; `-` if it is not known for the arm or for one that it is initialised from. */
function computeText(arm: ArmRecord, arms: readonly ArmRecord[]): string {
  const parents = ancestors(arm, arms);
  const own = arm.trainMultiplyAdds;
  const before = parents
    .map(({ trainMultiplyAdds = NaN }) => trainMultiplyAdds)
    .reduce((sum, value) => sum + value, 0);
  if (own === undefined || Number.isNaN(before)) return '-';
  return parents.length > 0 ? multiplyAddsText(before, own) : multiplyAddsText(own);
}
