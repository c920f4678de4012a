import type { ComponentChildren, JSX } from 'preact';
import type { PredictionFile, RunDetail } from '../../../shared/protocol.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { chosenPredictions, PredictionsChoice } from './choose.tsx';

interface ChosenPredictionsProps<Answer> {
  detail: RunDetail;
  /** Loads what is shown of a file of predictions. */
  load: (run: string, file: string) => Promise<Answer>;
  /** Beside the choice of the file; the answer is undefined until it is loaded. */
  tools: (answer: Answer | undefined) => ComponentChildren;
  children: (answer: Answer, chosen: PredictionFile) => ComponentChildren;
}

/** A file of predictions to choose, and what is known of it. */
export function ChosenPredictions<Answer>({
  detail,
  load,
  tools,
  children,
}: ChosenPredictionsProps<Answer>): JSX.Element {
  const chosen = chosenPredictions(detail);
  const loaded = useLoaded(
    () => (chosen ? load(detail.row.id, chosen.name) : Promise.resolve(undefined)),
    [detail.row.id, chosen?.name],
    [detail.row.made],
  );
  if (!chosen)
    return <p class="notice">No predictions yet; they are written after an arm’s training.</p>;
  const answer = loaded.state === 'ready' ? loaded.value : undefined;
  return (
    <>
      <div class="tools">
        <PredictionsChoice detail={detail} chosen={chosen} />
        {tools(answer)}
      </div>
      {loaded.state === 'loading' && <p class="soft">Loading…</p>}
      {loaded.state === 'failed' && <p class="notice bad">{loaded.message}</p>}
      {answer !== undefined && children(answer, chosen)}
    </>
  );
}
