import { imageSizeText } from '@fixres/data/names';
import type { ArmRecord } from '../../events/events.ts';
import { evaluationsTable } from '../tables/evaluations-table.ts';
import { html, type Html } from '../page/html.ts';
import type { ReportSection } from '../page/report-section.ts';
import { ancestors } from '../page/run-facts.ts';
import { accuracyScale, sizeChart } from '../charts/size-chart.ts';

/** Maximum number of arms in one chart; more arms are shown by family. */
const TOGETHER = 6;

/** Accuracy against test size for every arm, before and after fine-tuning, and all evaluations as a table. */
export function sizeSection(arms: readonly ArmRecord[]): ReportSection {
  const policies = [
    ...new Set(arms.flatMap(({ evaluations }) => evaluations.map(({ policy }) => policy))),
  ];
  const isDrawn = policies.some((policy) => sizesUnder(policy, arms) > 1);
  const y = accuracyScale(arms);
  const charts = policies.flatMap((policy) =>
    families(arms).map(({ name, members }) =>
      sizeChart({
        title:
          name === null
            ? `Under ${policy}`
            : `${name} and the arms initialised from it, under ${policy}`,
        arms: members,
        policy,
        y,
      }),
    ),
  );
  const isTuned = arms.some(({ initFrom }) => initFrom !== null);
  const text: Html = html`<p>Every arm on the same held-out images at every size at which it was evaluated${
    isTuned && '; an arm that is initialised from another shows the effect of fine-tuning'
  }. Bars are 95 % intervals, a ring marks the arm’s own test policy. The table has the numbers.</p>`;
  return {
    id: 'evaluations',
    title: 'Accuracy against test size',
    body: html`${isDrawn && html`${text}<div class="pair">${charts}</div>`}${evaluationsTable(arms)}`,
  };
}

function sizesUnder(policy: string, arms: readonly ArmRecord[]): number {
  return new Set(
    arms.flatMap(({ evaluations }) =>
      evaluations.filter((each) => each.policy === policy).map(({ size }) => imageSizeText(size)),
    ),
  ).size;
}

interface Family {
  /** The arm that the others are initialised from; `null` if all arms are shown together. */
  name: string | null;
  members: { arm: ArmRecord; index: number }[];
}

function families(arms: readonly ArmRecord[]): Family[] {
  const members = arms.map((arm, index) => ({ arm, index }));
  if (arms.length <= TOGETHER) return [{ name: null, members }];
  const rootOf = (arm: ArmRecord): string => (ancestors(arm, arms).at(-1) ?? arm).name;
  const roots = [...new Set(arms.map(rootOf))];
  return roots.map((name) => ({
    name,
    members: members.filter(({ arm }) => rootOf(arm) === name),
  }));
}
