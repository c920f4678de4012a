import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { axes, type Axis } from '../../../shared/curves.ts';
import { MAX_FOLLOWED_RUNS } from '../../../shared/limits.ts';
import { Card } from '../parts/card.tsx';
import { Link } from '../parts/link.tsx';
import { Swatch } from '../parts/swatch.tsx';
import { Table } from '../parts/table.tsx';
import { count } from '../format.ts';
import { curvesOf, followCurves, loaded, runs } from '../state/live.ts';
import { selectedRuns } from '../state/selected-runs.ts';
import { zoomInto } from '../state/zoomed-curves.ts';
import { listParam, listText, param, setParams } from '../state/url-state.ts';
import { Chart, valueText } from './chart.tsx';
import { chartKinds, lanesOf, lastValue, rawLine, type ShownLane } from './lanes.ts';

const axisTitles: Record<Axis, string> = { step: 'Steps', epoch: 'Epochs', seconds: 'Time' };

/** More lines do not fit above the charts; the table below names all of them. */
const LEGEND_LINES = 16;

/** The curves of the selected runs, or of the newest if none is selected. */
export function CurvesView(): JSX.Element {
  const chosen = selectedRuns();
  const ids =
    chosen.length > 0 ? newestOf(chosen, MAX_FOLLOWED_RUNS) : newestOf([...runs.value.keys()], 1);
  return (
    <>
      <h1 class="visually-hidden">Curves</h1>
      {ids.length < chosen.length && (
        <p class="notice" role="status">
          The {ids.length} newest of {count(chosen.length, 'selected run')} are drawn. Select fewer
          to see others.
        </p>
      )}
      <Curves ids={ids} />
    </>
  );
}

/** The runs that started last, in the given order. */
function newestOf(ids: readonly string[], most: number): string[] {
  const startOf = (id: string): string => runs.value.get(id)?.startedAt ?? '';
  const newest = new Set(
    [...ids].sort((a, b) => startOf(b).localeCompare(startOf(a))).slice(0, most),
  );
  return ids.filter((id) => newest.has(id));
}

/** All charts of some runs, with their controls. */
export function Curves({ ids }: { ids: readonly string[] }): JSX.Element {
  // A deleted run is followed again when a run with its name appears.
  const there = ids.filter((id) => runs.value.has(id));
  useEffect(() => followCurves(there), [there.join('\n')]);
  const axis = axes.find((each) => each === param('x')) ?? 'step';
  const weight = Math.min(0.99, Math.max(0, Number(param('smooth', '0.6')) || 0));
  const hidden = new Set(listParam('hide'));
  const pinned = listParam('pin');
  const zoom = parseZoom(param('zoom'));
  const range = zoom && { axis, from: zoom[0], to: zoom[1] };
  const lanes = lanesOf(ids, range);
  useEffect(() => zoomInto(there, range));
  const shown = lanes.filter(({ key }) => !hidden.has(key));
  const setZoom = (next: readonly [number, number] | null): void =>
    setParams({ zoom: next ? next.map((end) => Number(end.toPrecision(6))).join(',') : '' });
  const kinds = [...chartKinds].sort(
    (a, b) => Number(pinned.includes(b.key)) - Number(pinned.includes(a.key)),
  );

  if (!loaded.value) return <p class="soft">Loading…</p>;
  if (ids.length === 0) {
    return (
      <div class="card empty">
        <p>No runs to show.</p>
        <Link class="button" to={{ view: '' }}>
          Choose runs
        </Link>
      </div>
    );
  }
  return (
    <>
      <div class="tools">
        <label class="field">
          Horizontal
          <select
            value={axis}
            onChange={(event) => setParams({ x: event.currentTarget.value, zoom: '' })}
          >
            {axes.map((each) => (
              <option key={each} value={each}>
                {axisTitles[each]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Smoothing {weight.toFixed(2)}
          <input
            type="range"
            min="0"
            max="0.99"
            step="0.01"
            value={weight}
            onInput={(event) => setParams({ smooth: event.currentTarget.value })}
          />
        </label>
        <ZoomButtons lanes={shown} axis={axis} zoom={zoom} setZoom={setZoom} />
        <span class="soft small push">Drag over a chart to zoom, double-click to see all.</span>
      </div>
      {shown.length === 0 ? (
        <p class="card empty">
          {lanes.length > 0
            ? 'All lines are hidden.'
            : there.every((id) => curvesOf(id))
              ? 'Nothing logged yet.'
              : 'Loading…'}
        </p>
      ) : (
        <>
          {shown.length <= LEGEND_LINES && (
            // Hidden from screen readers: the table below has the same names.
            <ul class="legend" aria-hidden="true">
              {shown.map(({ key, name, look }) => (
                <li key={key}>
                  <Swatch {...look} /> {name}
                </li>
              ))}
            </ul>
          )}
          <div class="charts">
            {kinds.map((kind) => {
              const isPinned = pinned.includes(kind.key);
              return (
                <section
                  key={kind.key}
                  class={`card chart ${isPinned ? 'pinned' : ''}`}
                  aria-label={kind.title}
                >
                  <header>
                    <h2>{kind.title}</h2>
                    <button
                      class="plain small"
                      aria-pressed={isPinned}
                      onClick={() =>
                        setParams({
                          pin: listText(
                            isPinned
                              ? pinned.filter((key) => key !== kind.key)
                              : [...pinned, kind.key],
                          ),
                        })
                      }
                    >
                      {isPinned ? 'Unpin' : 'Pin'}
                      <span class="visually-hidden"> {kind.title}</span>
                    </button>
                  </header>
                  <Chart
                    kind={kind}
                    lanes={shown}
                    axis={axis}
                    weight={weight}
                    zoom={zoom}
                    onZoom={setZoom}
                    height={isPinned ? 340 : 220}
                  />
                </section>
              );
            })}
          </div>
        </>
      )}
      {lanes.length > 0 && <LaneTable lanes={lanes} hidden={hidden} />}
    </>
  );
}

function parseZoom(text: string): readonly [number, number] | null {
  const [low, high] = text.split(',').map(Number);
  return low !== undefined && high !== undefined && low < high && Number.isFinite(high - low)
    ? [low, high]
    : null;
}

interface ZoomButtonsProps {
  lanes: readonly ShownLane[];
  axis: Axis;
  zoom: readonly [number, number] | null;
  setZoom: (zoom: readonly [number, number] | null) => void;
}

/** Zooming without a mouse. */
function ZoomButtons({ lanes, axis, zoom, setZoom }: ZoomButtonsProps): JSX.Element {
  const ends = lanes.map(({ lane, starts }) => starts[axis] + (lane.points.last?.[axis] ?? 0));
  const whole: readonly [number, number] = [Math.min(0, ...ends), Math.max(1, ...ends)];
  const [low, high] = zoom ?? whole;
  const span = high - low;
  const around = (part: number): void =>
    setZoom([low + (span * (1 - part)) / 2, high - (span * (1 - part)) / 2]);
  return (
    <div class="inline" role="group" aria-label="Zoom">
      <button aria-label="Zoom in" onClick={() => around(0.5)}>
        +
      </button>
      <button aria-label="Zoom out" onClick={() => around(2)} disabled={!zoom}>
        −
      </button>
      <button
        aria-label="Earlier"
        onClick={() => setZoom([low - span / 4, high - span / 4])}
        disabled={!zoom}
      >
        ←
      </button>
      <button
        aria-label="Later"
        onClick={() => setZoom([low + span / 4, high + span / 4])}
        disabled={!zoom}
      >
        →
      </button>
      <button onClick={() => setZoom(null)} disabled={!zoom}>
        All
      </button>
    </div>
  );
}

/** The legend, with the last values for users who cannot see the charts. */
function LaneTable({
  lanes,
  hidden,
}: {
  lanes: readonly ShownLane[];
  hidden: ReadonlySet<string>;
}): JSX.Element {
  const toggle = (key: string): void =>
    setParams({
      hide: listText(
        hidden.has(key) ? [...hidden].filter((each) => each !== key) : [...hidden, key],
      ),
    });
  return (
    <Card title="Last values" note={count(lanes.length, 'line')} class="lanes">
      <Table
        label="Last values"
        columns={[
          { title: 'Line' },
          { title: 'Step', numeric: true },
          ...chartKinds.map(({ title }) => ({ title, numeric: true })),
        ]}
        rows={lanes.map((shown) => {
          const { key, name, lane, look } = shown;
          const line = (
            <label class="inline">
              <input
                type="checkbox"
                checked={!hidden.has(key)}
                onChange={() => toggle(key)}
                aria-label={`Show ${name}`}
              />
              <Swatch {...look} /> {name}
            </label>
          );
          const values = chartKinds.map((kind) =>
            valueText(kind, lastValue(rawLine(shown, kind, 'step'))),
          );
          return {
            key,
            cells: [line, Math.round(lane.points.last?.step ?? 0).toLocaleString('en'), ...values],
          };
        })}
      />
    </Card>
  );
}
