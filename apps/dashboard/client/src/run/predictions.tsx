import type { JSX } from 'preact';
import { predictionKinds, predictionOrders } from '../../../shared/prediction-query.ts';
import type { PredictionsAnswer, RunDetail } from '../../../shared/protocol.ts';
import { fetchPredictions } from '../api.ts';
import { param, setParams } from '../state/url-state.ts';
import { Picker } from './choose.tsx';
import { ChosenPredictions } from './chosen-predictions.tsx';
import { Pictures } from './pictures.tsx';

const everyClass = 'every class';

/** All predictions of a file, to browse. */
export function PredictionsBrowser({ detail }: { detail: RunDetail }): JSX.Element {
  const kind = predictionKinds.find((each) => each === param('kind')) ?? 'mistakes';
  const order = predictionOrders.find((each) => each === param('order')) ?? predictionOrders[0];
  const find = param('find');
  const labelIn = (answer: PredictionsAnswer | undefined): number =>
    answer?.classes.indexOf(param('class')) ?? -1;
  return (
    <ChosenPredictions
      detail={detail}
      load={fetchPredictions}
      tools={(answer) => (
        <>
          <Picker
            title="Show"
            value={kind}
            options={predictionKinds}
            onChange={(next) => setParams({ kind: next, page: '' })}
          />
          <Picker
            title="True class"
            value={answer?.classes[labelIn(answer)] ?? everyClass}
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
        </>
      )}
    >
      {(answer, chosen) => {
        const label = labelIn(answer);
        return (
          <Pictures
            detail={detail}
            file={chosen.name}
            answer={answer}
            chosen={{ kind, order, ...(label >= 0 && { label }), ...(find !== '' && { find }) }}
            title="Predictions"
          />
        );
      }}
    </ChosenPredictions>
  );
}
