import type { JSX } from 'preact';
import { predictionKinds, predictionOrders } from '../../../shared/prediction-query.ts';
import type { RunDetail } from '../../../shared/protocol.ts';
import { fetchPredictions } from '../api.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { param, setParams } from '../state/url-state.ts';
import { chosenPredictions, Picker, PredictionsChoice } from './choose.tsx';
import { Pictures } from './pictures.tsx';

const everyClass = 'every class';

/** All predictions of a file, to browse. */
export function PredictionsBrowser({ detail }: { detail: RunDetail }): JSX.Element {
  const chosen = chosenPredictions(detail);
  const loaded = useLoaded(
    () => (chosen ? fetchPredictions(detail.row.id, chosen.name) : Promise.resolve(undefined)),
    [detail.row.id, chosen?.name],
    [detail.row.made],
  );
  if (!chosen)
    return <p class="notice">No predictions yet; they are written after an arm’s training.</p>;
  const answer = loaded.state === 'ready' ? loaded.value : undefined;
  const kind = predictionKinds.find((each) => each === param('kind')) ?? 'mistakes';
  const order = predictionOrders.find((each) => each === param('order')) ?? predictionOrders[0];
  const label = answer?.classes.indexOf(param('class')) ?? -1;
  const find = param('find');
  return (
    <>
      <div class="tools">
        <PredictionsChoice detail={detail} chosen={chosen} />
        <Picker
          title="Show"
          value={kind}
          options={predictionKinds}
          onChange={(next) => setParams({ kind: next, page: '' })}
        />
        <Picker
          title="True class"
          value={answer?.classes[label] ?? everyClass}
          options={[everyClass, ...(answer?.classes ?? [])]}
          onChange={(next) => setParams({ class: next === everyClass ? '' : next, page: '' })}
        />
        <Picker
          title="Order"
          value={order}
          options={predictionOrders}
          onChange={(next) => setParams({ order: next, page: '' })}
        />
        <label class="field grow">
          File name
          <input
            type="search"
            value={find}
            onInput={(event) => setParams({ find: event.currentTarget.value, page: '' })}
          />
        </label>
      </div>
      {loaded.state === 'loading' && <p class="soft">Loading…</p>}
      {loaded.state === 'failed' && <p class="notice bad">{loaded.message}</p>}
      {answer && (
        <Pictures
          detail={detail}
          file={chosen.name}
          answer={answer}
          chosen={{ kind, order, ...(label >= 0 && { label }), ...(find !== '' && { find }) }}
          title="Predictions"
        />
      )}
    </>
  );
}
