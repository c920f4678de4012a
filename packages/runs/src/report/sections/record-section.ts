import { html, type Html } from '../page/html.ts';
import type { RecordedRun } from '../../results/recorded-run.ts';
import type { ReportSection } from '../page/report-section.ts';

function jsonDetails(name: string, value: unknown): Html {
  const json = JSON.stringify(value ?? null, null, 2);
  return html`<details><summary>${name}</summary>
<pre tabindex="0" role="region" aria-label="${name} as JSON"><code>${json}</code></pre></details>`;
}

/** Everything needed to repeat the run, and its warnings. */
export function recordSection({
  config,
  environment,
  engine,
  warnings,
}: RecordedRun): ReportSection {
  const versions = Object.entries(engine?.versions ?? {}).map(
    ([name, version]) => `${name} ${version}`,
  );
  return {
    id: 'repeat',
    title: 'Repeat this run',
    body: html`<pre class="command" tabindex="0" role="region" aria-label="Command"><code>${config.command}</code></pre>
${versions.length > 0 && html`<p class="soft">Computed with ${versions.join(', ')}.</p>`}
${warnings.length > 0 && html`<ul class="warnings">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
${jsonDetails('Configuration', config)}
${jsonDetails('Environment', environment)}`,
  };
}
