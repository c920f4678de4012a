import type { JSX } from 'preact';
import type { RunRow } from '../../../shared/protocol.ts';
import { count } from '../format.ts';
import { param, setParams } from '../state/url-state.ts';
import { configDiff, type DiffLine } from './table-rows.ts';

/** Runs side by side; more columns than that nobody reads. */
const MOST = 8;

/** The settings of the selected runs, those in which they differ first. */
export function ConfigDiff({ rows }: { rows: readonly RunRow[] }): JSX.Element {
  const compared = rows.slice(0, MOST);
  const { differing, same } = configDiff(compared);
  const all = param('settings') === 'all' || compared.length === 1;
  return (
    <section class="card" aria-labelledby="diff-title">
      <header>
        <h2 id="diff-title">{compared.length === 1 ? 'Settings' : 'What differs'}</h2>
        <span class="soft">
          {compared.length === 1
            ? count(same.length, 'setting')
            : `${count(differing.length, 'setting')} of ${differing.length + same.length}${rows.length > MOST ? `, first ${MOST} runs` : ''}`}
        </span>
        {compared.length > 1 && (
          <label class="inline push">
            <input type="checkbox" checked={all} onChange={() => setParams({ settings: all ? '' : 'all' })} /> Show those that are the same
          </label>
        )}
      </header>
      {differing.length === 0 && !all ? (
        <p class="soft">All settings are the same.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Settings of the selected runs">
          <table class="diff">
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {compared.map(({ id }) => (
                  <th key={id} scope="col">
                    {id}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {differing.map((line) => (
                <Line key={line.key} line={line} differs />
              ))}
              {all && same.map((line) => <Line key={line.key} line={line} />)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Line({ line, differs = false }: { line: DiffLine; differs?: boolean }): JSX.Element {
  return (
    <tr class={differs ? 'differs' : undefined}>
      <th scope="row" class="code">
        {line.key}
      </th>
      {line.values.map((value, i) => (
        <td key={i}>{value === null ? '–' : String(value)}</td>
      ))}
    </tr>
  );
}
