import { html, type Html } from './html.ts';

/** A part of a run's report under a heading of its own. */
export interface ReportSection {
  /** Unique in the report of a run. */
  id: string;
  title: string;
  body: Html;
}

/** What a chart shows as a table, one click away and printed in full. */
export function numbersBehind(table: Html, what = 'Numbers behind the chart'): Html {
  return html`<details class="numbers"><summary>${what}</summary>${table}</details>`;
}
