import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunRow, RunStatus } from '../../../shared/protocol.ts';
import { Link } from '../parts/link.tsx';
import { followControl, isUnderWay, processOf, resumeRun, stopRun } from '../state/control.ts';

const resumable: readonly RunStatus[] = ['interrupted', 'failed', 'killed'];

/** Stops, resumes or repeats a run. */
export function RunButtons({ row: { id, status } }: { row: RunRow }): JSX.Element {
  const [asked, setAsked] = useState<'stop' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (status !== 'running') setAsked(null);
    // What was known of its process was true of the status before.
    void followControl().catch(() => undefined);
  }, [status]);
  const process = processOf(id);
  const resuming = status !== 'running' && process !== undefined && isUnderWay(process);
  const act = (work: () => Promise<void>): void => {
    setProblem(null);
    work().catch((error: unknown) => {
      setAsked(null);
      setProblem((error as Error).message);
    });
  };
  const said = problem ?? (status === 'running' ? null : (process?.problem ?? null));
  return (
    <>
      <div class="inline push" role="group" aria-label="Control">
        {status === 'running' && (
          <button
            disabled={asked !== null}
            onClick={() => {
              setAsked('stop');
              act(() => stopRun(id));
            }}
          >
            {asked ? 'Saving its state…' : 'Stop'}
          </button>
        )}
        {resumable.includes(status) && (
          <button disabled={resuming} onClick={() => act(() => resumeRun(id))}>
            {resuming ? 'Resuming…' : 'Resume'}
          </button>
        )}
        <Link class="button" to={{ view: 'start', from: `run:${id}` }}>
          Run again
        </Link>
      </div>
      {said !== null && (
        <p class="notice bad output" role="alert">
          {said}
        </p>
      )}
    </>
  );
}
