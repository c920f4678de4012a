import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { RunDetail } from '../../../shared/protocol.ts';
import { fetchRun } from '../api.ts';
import { Curves } from '../curves/curves-view.tsx';
import { RunButtons } from '../control/run-buttons.tsx';
import { Activations } from '../fixres/activations.tsx';
import { Crops } from '../fixres/crops.tsx';
import { Layers } from '../fixres/layers.tsx';
import { TestSize } from '../fixres/test-size.tsx';
import { Link } from '../parts/link.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { Status } from '../runs/runs-view.tsx';
import { canControl, connection, runs } from '../state/live.ts';
import { param } from '../state/url-state.ts';
import { TryIt } from '../try-it/try-it.tsx';
import { CalibrationView } from './calibration.tsx';
import { Confusion } from './confusion.tsx';
import { Overview } from './overview.tsx';
import { PredictionsBrowser } from './predictions.tsx';

const tabs: readonly {
  key: string;
  title: string;
  show: (props: { detail: RunDetail }) => JSX.Element;
}[] = [
  { key: 'overview', title: 'Overview', show: Overview },
  { key: 'curves', title: 'Curves', show: ({ detail }) => <Curves ids={[detail.row.id]} /> },
  { key: 'size', title: 'Test size', show: TestSize },
  { key: 'crops', title: 'Crops', show: Crops },
  { key: 'layers', title: 'Layers', show: Layers },
  { key: 'activations', title: 'Activations', show: Activations },
  { key: 'confusion', title: 'Confusion', show: Confusion },
  { key: 'calibration', title: 'Calibration', show: CalibrationView },
  { key: 'predictions', title: 'Predictions', show: PredictionsBrowser },
  { key: 'try', title: 'Try it', show: TryIt },
];

/**
 * One run, in tabs. Reloaded when its state changes, or when a model or predictions were added, but
 * not with every event.
 */
export function RunView({ run }: { run: string }): JSX.Element {
  const row = runs.value.get(run);
  // The loaded parts of a deleted run stay visible.
  const last = useRef(row);
  last.current = row ?? last.current;
  const loaded = useLoaded(
    () => fetchRun(run),
    [run],
    [last.current?.status, last.current?.made, last.current?.startedAt],
  );
  const problem =
    loaded.state === 'failed' ? loaded.message : loaded.state === 'ready' ? loaded.problem : null;
  const tab = tabs.find(({ key }) => key === param('tab')) ?? tabs[0]!;
  const Show = tab.show;
  return (
    <>
      <div class="tools">
        <h1>{run}</h1>
        {row && <Status row={row} />}
        {row && canControl.value && <RunButtons row={row} />}
      </div>
      <nav class="tabs" aria-label={`Parts of ${run}`}>
        {tabs.map(({ key, title }) => (
          <Link key={key} to={{ tab: key }} current={key === tab.key}>
            {title}
          </Link>
        ))}
      </nav>
      {!row && connection.value !== 'starting' && (
        <p class="notice bad">This run is no longer in the runs folder.</p>
      )}
      {row?.problem !== null && row?.problem !== undefined && (
        <p class="notice bad">{row.problem}</p>
      )}
      {loaded.state === 'loading' && <p class="soft">Loading…</p>}
      {problem !== null && row && <p class="notice bad">{problem}</p>}
      {loaded.state === 'ready' && <Show detail={loaded.value} />}
    </>
  );
}
