import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunState } from '@fixres/runs/events';
import type { RunRow } from '../../../shared/protocol.ts';
import { Link } from '../parts/link.tsx';
import { followControl, isUnderWay, processOf, resumeRun, stopRun } from '../state/control.ts';

const resumable: readonly RunState[] = ['interrupted', 'failed', 'crashed'];

/** Buttons that stop, resume or repeat a run. */
export function RunButtons({ row: { id, status } }: { row: RunRow }): JSX.Element {
  const [asked, setAsked] = useState<'stop' | 'resume' | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (status !== 'running') setAsked(null);
    setProblem(null);
    // What was known about its process belongs to the previous status.
    void followControl().catch(() => undefined);
  }, [status]);
  const process = processOf(id);
  const isResumable = resumable.includes(status);
  const resuming =
    asked === 'resume' || (isResumable && process !== undefined && isUnderWay(process));
  const act = async (action: 'stop' | 'resume', work: Promise<void>): Promise<void> => {
    setAsked(action);
    setProblem(null);
    try {
      await work;
      // A process that was asked to stop saves its state first.
      if (action === 'resume') setAsked(null);
    } catch (error) {
      setAsked(null);
      setProblem((error as Error).message);
    }
  };
  const said = problem ?? (isResumable ? (process?.problem ?? null) : null);
  return (
    <>
      <div class="inline push" role="group" aria-label="Control">
        {status === 'running' && (
          <button disabled={asked !== null} onClick={() => void act('stop', stopRun(id))}>
            {asked === 'stop' ? 'Saving its state…' : 'Stop'}
          </button>
        )}
        {isResumable && (
          <button disabled={resuming} onClick={() => void act('resume', resumeRun(id))}>
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
