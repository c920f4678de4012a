import { Fragment, type JSX } from 'preact';
import type { RunRow } from '../../../shared/protocol.ts';
import { Link } from '../parts/link.tsx';
import { count, duration, percent } from '../format.ts';
import { loaded, runs } from '../state/live.ts';
import { selectedRuns } from '../state/selected-runs.ts';
import { toRun } from '../state/to-run.ts';
import { listParam, listText, param, setParams } from '../state/url-state.ts';
import { ConfigDiff } from './config-diff.tsx';
import { liveText } from './live-text.ts';
import { filterHelp, matches } from './run-filter.ts';
import { selectShown } from './select-shown.ts';
import {
  bestAccuracy,
  type Column,
  configColumn,
  drawnRows,
  fixedColumns,
  grouped,
  sorted,
} from './table-rows.ts';

/**
 * Maximum number of rows drawn at once; a table of thousands of rows would slow down every
 * keystroke.
 */
const PAGE = 200;

/** The table of all runs, and the differences between the selected ones. */
export function RunsView(): JSX.Element {
  const all = [...runs.value.values()];
  const filter = param('filter');
  const group = param('group');
  const columns = [...fixedColumns, ...listParam('columns').map(configColumn)];
  const sort = columns.find(({ key }) => key === param('sort', 'started')) ?? fixedColumns[2]!;
  const descending =
    param('dir', sort.key === 'started' || sort.numeric ? 'down' : 'up') === 'down';
  const selected = new Set(listParam('runs'));
  const shown = sorted(
    all.filter((row) => matches(row, filter)),
    sort,
    descending,
  );
  const limit = Number(param('rows')) || PAGE;
  const settings = [...new Set(all.flatMap(({ config }) => Object.keys(config)))].sort();
  const select = (ids: Iterable<string>): void => setParams({ runs: listText([...ids]) });
  const toggle = (id: string): void =>
    select(selected.has(id) ? [...selected].filter((each) => each !== id) : [...selected, id]);
  const opened = selectedRuns().length;
  const chosen = shown.filter(({ id }) => selected.has(id));

  if (!loaded.value) return <p class="soft">Loading…</p>;
  if (all.length === 0) {
    return (
      <div class="card empty">
        <h1>No runs yet</h1>
        <p>They appear here automatically, for example after</p>
        <code class="code">fixres reproduce synthetic</code>
      </div>
    );
  }
  return (
    <>
      <h1 class="visually-hidden">Runs</h1>
      <div class="tools">
        <label class="field grow">
          Filter
          <input
            type="search"
            placeholder="Name, status or model.width:16"
            title={filterHelp}
            value={filter}
            onInput={(event) => setParams({ filter: event.currentTarget.value, rows: '' })}
          />
        </label>
        <label class="field">
          Group by
          <select
            value={group}
            onChange={(event) => setParams({ group: event.currentTarget.value })}
          >
            <option value="">nothing</option>
            <option value="status">status</option>
            {settings.map((key) => (
              <option key={key}>{key}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Add column
          <select
            value=""
            onChange={(event) => {
              const key = event.currentTarget.value;
              event.currentTarget.value = '';
              if (key !== '')
                setParams({ columns: listText([...new Set([...listParam('columns'), key])]) });
            }}
          >
            <option value="">choose…</option>
            {settings.map((key) => (
              <option key={key}>{key}</option>
            ))}
          </select>
        </label>
        {listParam('columns').length > 0 && (
          <button onClick={() => setParams({ columns: '' })}>Reset columns</button>
        )}
        <Link class="button" to={{ view: 'curves', zoom: '' }}>
          {opened > 0 ? `Curves of ${count(opened, 'run')}` : 'Curves'}
        </Link>
      </div>
      <section class="card runs" aria-label="Runs">
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of runs">
          <table>
            <caption class="visually-hidden">
              {count(shown.length, 'run')}, sorted by {sort.title}
            </caption>
            <thead>
              <tr>
                <th class="pick">
                  <input
                    type="checkbox"
                    aria-label="Select all runs shown"
                    checked={shown.length > 0 && chosen.length === shown.length}
                    indeterminate={chosen.length > 0 && chosen.length < shown.length}
                    onChange={() =>
                      select(
                        selectShown(
                          selected,
                          shown.map(({ id }) => id),
                        ),
                      )
                    }
                  />
                </th>
                {columns.map((column) => (
                  <HeaderCell
                    key={column.key}
                    column={column}
                    sorted={column.key === sort.key}
                    descending={descending}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {drawnRows(grouped(shown, group), limit).map(({ name, rows, drawn }) => (
                <Fragment key={name}>
                  {group !== '' && (
                    <tr class="group">
                      <th colSpan={columns.length + 1} scope="rowgroup">
                        {group}: {name} · {count(rows.length, 'run')} · mean accuracy{' '}
                        {percent(meanAccuracy(rows))}
                      </th>
                    </tr>
                  )}
                  {drawn.map((row) => (
                    <RunLine
                      key={row.id}
                      row={row}
                      columns={columns}
                      selected={selected.has(row.id)}
                      toggle={toggle}
                    />
                  ))}
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
        {shown.length === 0 && <p class="empty">No run matches the filter.</p>}
        {shown.length > limit && (
          <p class="empty">
            <button onClick={() => setParams({ rows: String(limit + 1000) })}>
              Show more of {count(shown.length, 'run')}
            </button>
          </p>
        )}
      </section>
      {chosen.length > 0 && <ConfigDiff rows={chosen} />}
    </>
  );
}

function meanAccuracy(rows: readonly RunRow[]): number | null {
  const known = rows.map(bestAccuracy).filter((value) => value !== null);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

function HeaderCell({
  column,
  sorted: isSorted,
  descending,
}: {
  column: Column;
  sorted: boolean;
  descending: boolean;
}): JSX.Element {
  const next = isSorted
    ? descending
      ? 'up'
      : 'down'
    : column.numeric || column.key === 'started'
      ? 'down'
      : 'up';
  return (
    <th
      class={column.numeric ? 'number' : undefined}
      aria-sort={isSorted ? (descending ? 'descending' : 'ascending') : undefined}
      scope="col"
    >
      <button onClick={() => setParams({ sort: column.key, dir: next })}>
        {column.title}
        <span aria-hidden="true">{isSorted ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  );
}

interface RunLineProps {
  row: RunRow;
  columns: readonly Column[];
  selected: boolean;
  toggle: (id: string) => void;
}

function RunLine({ row, columns, selected, toggle }: RunLineProps): JSX.Element {
  return (
    <tr>
      <td class="pick">
        <input
          type="checkbox"
          aria-label={`Select ${row.id}`}
          checked={selected}
          onChange={() => toggle(row.id)}
        />
      </td>
      <th scope="row">
        <Link to={toRun(row.id)}>{row.id}</Link>
      </th>
      <td>
        <Status row={row} />
      </td>
      <td>{dateAndTime(row.startedAt)}</td>
      <td class="number">
        <Scores row={row} />
      </td>
      {columns.slice(fixedColumns.length).map((column) => (
        <td key={column.key}>{String(column.value(row) ?? '–')}</td>
      ))}
    </tr>
  );
}

function Scores({ row }: { row: RunRow }): JSX.Element {
  const best = bestAccuracy(row);
  if (best === null) return <span class="soft">–</span>;
  const arm = row.scores.find(({ accuracy }) => accuracy === best)!.arm;
  return (
    <span
      class="scores"
      title={row.scores.map((score) => `${score.arm} ${percent(score.accuracy)}`).join(', ')}
    >
      <b>{percent(best)}</b>
      <span class="soft">{arm}</span>
    </span>
  );
}

/** What a run is doing; during training, its progress and the time left. */
export function Status({ row: { status, live, problem } }: { row: RunRow }): JSX.Element {
  if (!live) {
    return (
      <span class="status" title={problem ?? undefined}>
        <span class={`dot ${status}`} />
        {status}
      </span>
    );
  }
  const { text, part } = liveText(live);
  return (
    <span class="status">
      <span class={`dot ${status}`} />
      <span>
        {status === 'silent' ? 'silent: ' : ''}
        {text} <span class="soft">· {duration(live.etaSeconds)} left</span>
        <span
          class="meter"
          role="progressbar"
          aria-label={text}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(part * 100)}
        >
          <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect width={part * 100} height="1" />
          </svg>
        </span>
      </span>
    </span>
  );
}

/** A time in the format of the reader's locale. */
function dateAndTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? '–'
    : date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
