import { html, type Html } from './html.ts';

/** A section of a run's report with its own heading. */
export interface ReportSection {
  /** Unique in the report of a run. */
  id: string;
  title: string;
  body: Html;
}

/** The numbers of a chart as a table, one click away and printed in full. */
export function numbersBehind(table: Html, what = 'Numbers behind the chart'): Html {
  return html`<details class="numbers"><summary>${what}</summary>${table}</details>`;
}
