import type { JSX } from 'preact';
import type { RunDetail } from '../../../shared/protocol.ts';
import { count, withUnit } from '../format.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { Picker } from '../run/choose.tsx';
import { param, setParams } from '../state/url-state.ts';
import type { PlannedGroup } from '../try-it/layer-plan.ts';
import { armsOf } from './experiment-of.ts';

const words: Readonly<Record<string, string>> = {
  train: 'trains',
  freeze: 'frozen',
  'parameters-only': 'trains, statistics stay',
  'statistics-only': 'statistics move',
  recalibrate: 'recalibrated',
};

/** The layers of an arm's model, coloured by which of them train. */
export function Layers({ detail }: { detail: RunDetail }): JSX.Element {
  const arms = armsOf(detail.config).filter(({ name }) =>
    detail.models.some(({ arm }) => arm === name),
  );
  const arm = arms.find(({ name }) => name === param('arm')) ?? arms[1] ?? arms[0];
  const model = detail.models.find(({ arm: name }) => name === arm?.name);
  const loaded = useLoaded(async () => {
    if (!arm || !model) return undefined;
    // TensorFlow.js is large; it is loaded only when needed.
    const [{ loadRunModel }, { planLayers }] = await Promise.all([
      import('../try-it/run-model.ts'),
      import('../try-it/layer-plan.ts'),
    ]);
    return planLayers(await loadRunModel(detail.row.id, model.name, arm.testPolicy), arm.freeze);
  }, [detail.row.id, arm?.name, model?.name]);
  if (!arm) return <p class="notice">No models yet; an arm’s model is saved after its training.</p>;
  return (
    <>
      <div class="tools">
        <Picker
          title="Arm"
          value={arm.name}
          options={arms.map(({ name }) => name)}
          onChange={(next) => setParams({ arm: next })}
        />
        <span class="inline">
          <span class="tag train">trains</span>
          <span class="tag statistics-only">statistics move</span>
          <span class="tag">frozen</span>
        </span>
      </div>
      {loaded.state === 'loading' && <p class="soft">Loading the model…</p>}
      {loaded.state === 'failed' && <p class="notice bad">{loaded.message}</p>}
      {loaded.state === 'ready' && loaded.value && (
        <section class="card layers" aria-labelledby="layers-title" data-ready>
          <header>
            <h2 id="layers-title">Layers</h2>
            <span class="soft">
              {withUnit(loaded.value.counts.trainable)} of {withUnit(loaded.value.counts.total)}{' '}
              parameters train under{' '}
              {typeof arm.freeze === 'string' ? arm.freeze : 'the run’s own policy'}
            </span>
          </header>
          {loaded.value.groups.map((group) => (
            <Group key={group.name} group={group} />
          ))}
        </section>
      )}
    </>
  );
}

function Group({ group: { name, layers } }: { group: PlannedGroup }): JSX.Element {
  const all = layers.reduce((sum, { parameters, statistics }) => sum + parameters + statistics, 0);
  const trains = layers.reduce(
    (sum, { parameters, mode }) => sum + (mode === 'train' ? parameters : 0),
    0,
  );
  const moves = layers.reduce(
    (sum, { statistics, mode }) => sum + (mode === 'freeze' ? 0 : statistics),
    0,
  );
  return (
    <details open={trains + moves > 0 && layers.length < 8}>
      <summary>
        <span class="name">{name}</span>
        <svg
          class="share"
          viewBox="0 0 100 10"
          preserveAspectRatio="none"
          role="img"
          aria-label={`${Math.round(((trains + moves) / all) * 100)} percent moves`}
        >
          <rect class="all" width="100" height="10" rx="2" />
          <rect class="trains" width={(trains / all) * 100} height="10" />
          <rect class="moves" x={(trains / all) * 100} width={(moves / all) * 100} height="10" />
        </svg>
        <span class="push small">
          {count(layers.length, 'layer')}, {withUnit(all)}
        </span>
      </summary>
      <ul>
        {layers.map(({ path, className, mode, parameters, statistics }) => (
          <li key={path} class={mode}>
            <span>
              <span class="code">{path}</span> <span class="soft small">{className}</span>
            </span>
            <span class="soft small">
              {withUnit(parameters)}
              {statistics > 0 ? ` + ${withUnit(statistics)} statistics` : ''}
            </span>
            <span class={`tag ${mode}`}>{words[mode]}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
