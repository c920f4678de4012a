import { accuracyChart } from './accuracy-chart.ts';
import { armsTable } from './arms-table.ts';
import { comparisonsTable } from './comparisons-table.ts';
import { evaluationsTable } from './evaluations-table.ts';
import { html, trusted } from './html.ts';
import { readingSection } from './reading-section.ts';
import { recordSection } from './record-section.ts';
import type { ReportInput } from './report-input.ts';
import { samplesSection } from './samples-section.ts';
import { STYLE } from './style.ts';
import { trainingCurves } from './training-curves.ts';
import { verdictSection } from './verdict-section.ts';

/** Forbids scripts and every request, so that a report is safe to open and to pass on. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** Two nested squares: one object, seen at the train and at the test size. */
const EMBLEM = trusted(
  '<svg class="emblem" width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">' +
    '<rect x="1.5" y="1.5" width="23" height="23" rx="4"/>' +
    '<rect x="1.5" y="11.5" width="13" height="13" rx="3"/><circle cx="8" cy="18" r="2.5"/></svg>',
);

/**
 * The report of a run: one HTML file that needs no network, no script and no other file.
 *
 * @returns the whole document. All text given is escaped.
 * @throws TypeError when a sample picture is not a base64 data URI of an image.
 */
export function renderReport(input: ReportInput): string {
  const { title, summary, samples } = input;
  const { arms, comparisons } = summary;
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
<header><p class="brand">${EMBLEM} fixres <span>report</span></p><h1>${title}</h1></header>
<main>
${verdictSection(summary)}
<section aria-labelledby="accuracy"><h2 id="accuracy">Accuracy</h2>
${accuracyChart(summary)}
${armsTable(arms)}</section>
${
    comparisons.length > 0 &&
    html`<section aria-labelledby="comparisons"><h2 id="comparisons">Comparisons</h2>${comparisonsTable(comparisons)}</section>`
  }
<section aria-labelledby="evaluations"><h2 id="evaluations">All evaluations</h2>${evaluationsTable(arms)}</section>
${trainingCurves(arms)}
${samplesSection(samples)}
${readingSection(summary)}
${recordSection(input)}
</main>
</body>
</html>
`.markup;
}
