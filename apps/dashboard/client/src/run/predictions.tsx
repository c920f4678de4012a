import type { JSX } from 'preact';
import type { PredictionRow, RunDetail } from '../../../shared/protocol.ts';
import { fetchPredictions } from '../api.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { param, setParams } from '../state/url-state.ts';
import { chosenPredictions, Picker, PredictionsChoice } from './choose.tsx';
import { Pictures } from './pictures.tsx';

const kinds = ['all', 'mistakes', 'recognised'];

const orders: Readonly<Record<string, (a: PredictionRow, b: PredictionRow) => number>> = {
  'most confident first': (a, b) => b.top[0]![1] - a.top[0]![1],
  'least confident first': (a, b) => a.top[0]![1] - b.top[0]![1],
  'least probable class first': (a, b) => a.labelProbability - b.labelProbability,
  'as in the file': () => 0,
};

/** All predictions of a file, to look through. */
export function PredictionsBrowser({ detail }: { detail: RunDetail }): JSX.Element {
  const chosen = chosenPredictions(detail);
  const loaded = useLoaded(() => (chosen ? fetchPredictions(detail.row.id, chosen.name) : Promise.resolve(undefined)), [detail.row.id, chosen?.name], [detail.row.made]);
  if (!chosen) return <p class="notice">There are no predictions yet; they are written when an arm is trained.</p>;
  const answer = loaded.state === 'ready' ? loaded.value : undefined;
  const kind = param('kind', 'mistakes');
  const order = param('order', Object.keys(orders)[0]);
  const label = param('class', 'every class');
  const text = param('find').toLowerCase();
  const rows = (answer?.rows ?? [])
    .filter((row) => kind === 'all' || (row.top[0]![0] === row.label) === (kind === 'recognised'))
    .filter((row) => label === 'every class' || answer?.classes[row.label] === label)
    .filter(({ file }) => file.toLowerCase().includes(text))
    .sort(orders[order] ?? orders['as in the file']);
  return (
    <>
      <div class="tools">
        <PredictionsChoice detail={detail} chosen={chosen} />
        <Picker title="Show" value={kind} options={kinds} onChange={(next) => setParams({ kind: next, page: '' })} />
        <Picker title="True class" value={label} options={['every class', ...(answer?.classes ?? [])]} onChange={(next) => setParams({ class: next, page: '' })} />
        <Picker title="Order" value={order} options={Object.keys(orders)} onChange={(next) => setParams({ order: next, page: '' })} />
        <label class="field grow">
          File name
          <input type="search" value={param('find')} onInput={(event) => setParams({ find: event.currentTarget.value, page: '' })} />
        </label>
      </div>
      {loaded.state === 'loading' && <p class="soft">Loading…</p>}
      {loaded.state === 'failed' && <p class="notice bad">{loaded.message}</p>}
      {answer && <Pictures detail={detail} file={chosen.name} answer={answer} rows={rows} title="Predictions" />}
    </>
  );
}
