import { html, type Html } from './html.ts';
import type { ReportInput } from './report-input.ts';

function jsonDetails(name: string, value: unknown): Html {
  const json = JSON.stringify(value ?? null, null, 2);
  return html`<details><summary>${name}</summary>
<pre tabindex="0" aria-label="${name} as JSON"><code>${json}</code></pre></details>`;
}

/** Everything needed to repeat the run. */
export function recordSection({ command, config, environment, summary }: ReportInput): Html {
  const versions = Object.entries(summary.engine.versions).map(([name, version]) => `${name} ${version}`);
  return html`<section aria-labelledby="repeat"><h2 id="repeat">Repeat this run</h2>
<pre class="command" tabindex="0" aria-label="Command"><code>${command}</code></pre>
<p class="soft">Computed with ${versions.join(', ')}.</p>
${jsonDetails('Configuration', config)}
${jsonDetails('Environment', environment)}</section>`;
}
