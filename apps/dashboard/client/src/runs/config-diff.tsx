import type { JSX } from 'preact';
import type { RunRow } from '../../../shared/protocol.ts';
import { count } from '../format.ts';
import { Table } from '../parts/table.tsx';
import { param, setParams } from '../state/url-state.ts';
import { configDiff, type DiffLine } from './table-rows.ts';

/** Maximum number of runs side by side; more columns are not readable. */
const MOST = 8;

/** The settings of the selected runs, different ones first. */
export function ConfigDiff({ rows }: { rows: readonly RunRow[] }): JSX.Element {
  const compared = rows.slice(0, MOST);
  const { differing, same } = configDiff(compared);
  const all = param('settings') === 'all' || compared.length === 1;
  return (
    <section class="card" aria-labelledby="diff-title">
      <header>
        <h2 id="diff-title">{compared.length === 1 ? 'Settings' : 'Differences'}</h2>
        <span class="soft">
          {compared.length === 1
            ? count(same.length, 'setting')
            : `${count(differing.length, 'setting')} of ${differing.length + same.length}${rows.length > MOST ? `, first ${MOST} runs` : ''}`}
        </span>
        {compared.length > 1 && (
          <label class="inline push">
            <input
              type="checkbox"
              checked={all}
              onChange={() => setParams({ settings: all ? '' : 'all' })}
            />{' '}
            Show equal settings
          </label>
        )}
      </header>
      {differing.length === 0 && !all ? (
        <p class="soft">All settings are the same.</p>
      ) : (
        <Table
          label="Settings of the selected runs"
          class="diff"
          nameClass="code"
          columns={[{ title: 'Setting' }, ...compared.map(({ id }) => ({ title: id }))]}
          rows={[
            ...differing.map((line) => rowOf(line, 'differs')),
            ...(all ? same.map((line) => rowOf(line)) : []),
          ]}
        />
      )}
    </section>
  );
}

function rowOf(
  { key, values }: DiffLine,
  rowClass?: string,
): { key: string; class: string | undefined; cells: string[] } {
  return {
    key,
    class: rowClass,
    cells: [key, ...values.map((value) => (value === null ? '–' : String(value)))],
  };
}
