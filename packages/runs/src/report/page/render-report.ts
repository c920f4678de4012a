import { accuracyChart } from '../charts/accuracy-chart.ts';
import { activationSection } from '../sections/activation-section.ts';
import { apparentSizeSection } from '../sections/apparent-size-section.ts';
import { armsTable } from '../tables/arms-table.ts';
import { calibrationSection } from '../sections/calibration-section.ts';
import { classSection } from '../sections/class-section.ts';
import { comparisonsTable } from '../tables/comparisons-table.ts';
import { costSection } from '../sections/cost-section.ts';
import { factsSection } from '../sections/facts-section.ts';
import { factorialSection } from '../sections/factorial-section.ts';
import { html, type Html, trusted } from './html.ts';
import { leaksSection } from '../sections/leaks-section.ts';
import { multiLabelSection } from '../sections/multi-label-section.ts';
import { mistakesSection } from '../sections/mistakes-section.ts';
import { overviewSection } from '../sections/overview-section.ts';
import { readingSection } from '../sections/reading-section.ts';
import { recordSection } from '../sections/record-section.ts';
import type { ReportInput, ReportRun } from './report-input.ts';
import type { ReportSection } from './report-section.ts';
import { robustnessSection } from '../sections/robustness-section.ts';
import { samplesSection } from '../sections/samples-section.ts';
import { sizeSection } from '../sections/size-section.ts';
import { statusSection } from '../sections/status-section.ts';
import { STYLE } from './style.ts';
import { trainingCurves } from '../charts/training-curves.ts';
import { verdictSection } from '../sections/verdict-section.ts';

/** Forbids scripts and all requests, so a report is safe to open and to share. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Two nested squares: one object at the train and at the test size. */
const EMBLEM = trusted(
  '<svg class="emblem" width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">' +
    '<rect x="1.5" y="1.5" width="23" height="23" rx="4"/>' +
    '<rect x="1.5" y="11.5" width="13" height="13" rx="3"/><circle cx="8" cy="18" r="2.5"/></svg>',
);

const OVERLAP =
  'Overlapping bars do not mean that two arms are equal: they saw the same images, so the ' +
  'paired comparisons are more precise.';

/**
 * The report of one or several runs: one HTML file without network access, scripts or other files.
 *
 * @param input at least one run
 * @returns the whole document; all given text is escaped
 * @throws TypeError if a picture is not a base64 data URI of an image
 */
export function renderReport({ runs }: ReportInput): string {
  const [first] = runs;
  const isOne = runs.length === 1;
  const title = isOne ? titleOf(first!) : `${runs.length} runs`;
  const anchor = (run: number): string => `run-${run + 1}`;
  const overview = html`<header><p class="brand">${EMBLEM} fixres <span>report</span></p><h1>${title}</h1>${!isOne && overviewSection(runs, anchor)}</header>`;
  const articles = runs.map(
    (run, i) =>
      html`<article id="${anchor(i)}" aria-label="${run.name}"><h1>${run.name} <span class="soft">${titleOf(run)}</span></h1>${runBody(run, `${anchor(i)}-`)}</article>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
${overview}
<main>
${isOne ? runBody(first!, '') : articles}
</main>
</body>
</html>
`.markup;
}

function titleOf({ dataset, config }: ReportRun): string {
  return `FixRes on ${dataset?.name ?? config.dataset.source}`;
}

/** @param prefix of the ids, so that they are unique in the document */
function runBody(run: ReportRun, prefix: string): Html {
  const { summary } = run;
  const sections = sectionsOf(run);
  const contents = sections.map(
    ({ id, title }) => html`<li><a href="#${prefix}${id}">${title}</a></li>`,
  );
  return html`${statusSection(run)}${summary && verdictSection(summary)}
${factsSection(run)}
<nav class="contents" aria-label="Contents"><ul>${contents}</ul></nav>
${sections.map(
  ({
    id,
    title,
    body,
  }) => html`<section aria-labelledby="${prefix}${id}"><h2 id="${prefix}${id}">${title}</h2>
${body}</section>
`,
)}`;
}

function sectionsOf(run: ReportRun): ReportSection[] {
  const { summary, pending, metrics, mistakes, costs, apparentSizes, samples, dataset, config } =
    run;
  const arms = summary?.arms ?? [];
  const comparisons = summary?.comparisons ?? [];
  const rows = arms.map((arm, index) => ({ arm, index }));
  const sections: (ReportSection | null | false)[] = [
    factorialSection(summary?.factorial),
    {
      id: 'accuracy',
      title: arms.length > 0 ? 'Accuracy' : 'Arms',
      body: html`${rows.length > 0 && accuracyChart(rows, comparisons.length > 0 ? OVERLAP : '')}${armsTable(run)}`,
    },
    multiLabelSection(arms, comparisons, dataset?.classes ?? []),
    arms.length > 0 && sizeSection(arms),
    comparisons.length > 0 && {
      id: 'comparisons',
      title: 'Comparisons',
      body: comparisonsTable(comparisons),
    },
    robustnessSection(arms, summary?.robustness),
    arms.length > 0 && costSection(arms, costs, comparisons),
    apparentSizeSection(
      apparentSizes,
      config.experiment.arms.map(({ name }) => name),
    ),
    activationSection(arms),
    samplesSection(samples),
    leaksSection(run, dataset?.heldOut ?? 0),
    trainingCurves([...arms, ...pending]),
    classSection(metrics, dataset?.classes ?? [], arms),
    calibrationSection(metrics, arms),
    mistakesSection(mistakes, arms),
    summary && readingSection(summary),
    recordSection(run),
  ];
  return sections.filter(
    (section): section is ReportSection => section !== null && section !== false,
  );
}
