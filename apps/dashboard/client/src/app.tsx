import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { CurvesView } from './curves/curves-view.tsx';
import { ErrorBoundary } from './parts/error-boundary.tsx';
import { Link } from './parts/link.tsx';
import { RunView } from './run/run-view.tsx';
import { RunsView } from './runs/runs-view.tsx';
import { StartView } from './control/start-view.tsx';
import { canControl, connection, failure, runs } from './state/live.ts';
import { selectedRuns } from './state/selected-runs.ts';
import { param } from './state/url-state.ts';

const connections = {
  starting: 'Connecting',
  live: 'Live',
  waiting: 'Connection lost, trying again',
};

export function App(): JSX.Element {
  const view = param('view', 'runs');
  const run = param('run');
  const chosen = selectedRuns().length;
  const title =
    view === 'run' ? run : view === 'curves' ? 'Curves' : view === 'start' ? 'New run' : 'Runs';
  useEffect(() => {
    document.title = `${title} · fixres dashboard`;
  }, [title]);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The address can contain the state of the view there.
          event.preventDefault();
          document.getElementById('main')!.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="bar">
        <div>
          <Link class="brand" to={{ view: '', run: '', tab: '' }}>
            <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
              <rect x="2.5" y="2.5" width="19" height="19" rx="3" />
              <rect x="7.5" y="7.5" width="9" height="9" rx="1.5" />
              <circle cx="12" cy="12" r="1.75" />
            </svg>
            fixres <span>dashboard</span>
          </Link>
          <nav class="tabs" aria-label="Views">
            <Link to={{ view: '' }} current={view === 'runs'}>
              Runs
            </Link>
            <Link to={{ view: 'curves', zoom: '' }} current={view === 'curves'}>
              Curves{chosen > 0 ? ` (${chosen})` : ''}
            </Link>
            {canControl.value && (
              <Link to={{ view: 'start', from: '' }} current={view === 'start'}>
                New run
              </Link>
            )}
            {run !== '' && (
              <Link to={{ view: 'run', zoom: '' }} current={view === 'run'}>
                {run}
              </Link>
            )}
          </nav>
          <span class="connection" role="status">
            <span class={`dot ${connection.value}`} />
            {connections[connection.value]}
          </span>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {failure.value !== null && runs.value.size === 0 ? (
          <p class="notice bad">{failure.value}</p>
        ) : null}
        <ErrorBoundary view={[view, run, param('tab')].join('\n')}>
          <View view={view} run={run} />
        </ErrorBoundary>
      </main>
    </>
  );
}

function View({ view, run }: { view: string; run: string }): JSX.Element {
  if (view === 'run' && run !== '') return <RunView key={run} run={run} />;
  if (view === 'curves') return <CurvesView />;
  return view === 'start' && canControl.value ? <StartView /> : <RunsView />;
}
