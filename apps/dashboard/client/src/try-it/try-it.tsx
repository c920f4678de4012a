import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RgbImage } from '@fixres/data';
import type { RunDetail } from '../../../shared/protocol.ts';
import { armsOf } from '../fixres/experiment-of.ts';
import { decodePhoto } from '../parts/decode-photo.ts';
import { Pixels } from '../parts/pixels.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { Picker } from '../run/choose.tsx';
import { param, setParams } from '../state/url-state.ts';
import type { PageEngine } from './engine.ts';

const engines = ['fastest', 'webgpu', 'webgl', 'wasm', 'cpu'];

interface Dropped {
  name: string;
  address: string;
  image: RgbImage;
}

/** Classifies a photo with a model of the run, in the page: the photo never leaves the browser. */
export function TryIt({ detail }: { detail: RunDetail }): JSX.Element {
  const arms = armsOf(detail.config);
  const models = detail.models.filter(({ arm }) => arms.some(({ name }) => name === arm));
  const model =
    models.find(({ name }) => name === param('model')) ??
    models.find(({ arm }) => arm === 'fixres') ??
    models[0];
  const arm = arms.find(({ name }) => name === model?.arm);
  const engine = param('engine', 'fastest');
  const [dropped, setDropped] = useState<Dropped | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  useEffect(() => () => (dropped ? URL.revokeObjectURL(dropped.address) : undefined), [dropped]);
  const open = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    try {
      const image = await decodePhoto(file);
      setDropped({ name: file.name, address: URL.createObjectURL(file), image });
      setProblem(null);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  if (!model || !arm)
    return <p class="notice">No models yet; an arm’s model is saved after its training.</p>;
  return (
    <>
      <div class="tools">
        <Picker
          title="Model"
          value={model.name}
          options={models.map(({ name }) => name)}
          onChange={(next) => setParams({ model: next })}
        />
        <Picker
          title="Engine"
          value={engine}
          options={engines}
          onChange={(next) => setParams({ engine: next === 'fastest' ? '' : next })}
        />
      </div>
      <section
        class={`drop ${over ? 'over' : ''}`}
        aria-label="Photo"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void open(event.dataTransfer?.files[0]);
        }}
      >
        {dropped ? (
          <img src={dropped.address} alt={dropped.name} />
        ) : (
          <p class="soft">Drop a photo here. It stays in this page.</p>
        )}
        <label class="button">
          Choose a photo…
          <input
            class="visually-hidden"
            type="file"
            accept="image/*"
            aria-label="Photo to classify"
            onChange={({ currentTarget }) => void open(currentTarget.files?.[0])}
          />
        </label>
      </section>
      {problem !== null && <p class="notice bad">{problem}</p>}
      {dropped && (
        <Answer
          key={`${model.name} ${engine}`}
          detail={detail}
          model={model.name}
          testPolicy={arm.testPolicy}
          engine={engine}
          dropped={dropped}
        />
      )}
    </>
  );
}

interface AnswerProps {
  detail: RunDetail;
  model: string;
  testPolicy: ReturnType<typeof armsOf>[number]['testPolicy'];
  engine: string;
  dropped: Dropped;
}

function Answer({ detail, model, testPolicy, engine, dropped }: AnswerProps): JSX.Element {
  const loaded = useLoaded(async () => {
    const { classify, loadRunModel } = await import('./run-model.ts');
    const ready = await loadRunModel(
      detail.row.id,
      model,
      testPolicy,
      engine === 'fastest' ? undefined : (engine as PageEngine),
    );
    return {
      ...(await classify(ready, dropped.image)),
      engine: ready.engine,
      input: ready.contract.input,
      decode: ready.contract.decode,
      head: ready.contract.head,
      name: dropped.name,
    };
  }, [model, engine, dropped]);
  if (loaded.state === 'loading') return <p role="status">Loading the model…</p>;
  if (loaded.state === 'failed') return <p class="notice bad">{loaded.message}</p>;
  const {
    probabilities,
    seen,
    milliseconds,
    engine: used,
    input,
    decode,
    head,
    name: photo,
  } = loaded.value;
  const names = detail.dataset?.classes ?? [];
  const ranked = Array.from(probabilities, (p, i) => ({
    p,
    name: names[i] ?? `class ${i}`,
    isGiven: p >= (head?.thresholds[i] ?? 2),
  })).sort((a, b) => b.p - a.p);
  const given = ranked.filter(({ isGiven }) => isGiven).map(({ name }) => name);
  return (
    <section class="card" aria-labelledby="answer-title" data-ready>
      <header>
        <h2 id="answer-title">{head ? given.join(', ') || 'none' : ranked[0]!.name}</h2>
        <span class="soft" role="status">
          {photo}, by {used} in {Math.round(milliseconds)} ms
        </span>
      </header>
      <div class="two">
        <ul class="bars" aria-label="Probabilities">
          {ranked.slice(0, 10).map(({ name, p }) => (
            <li key={name}>
              <span>{name}</span>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect class="all" width="100" height="10" rx="2" />
                <rect width={p * 100} height="10" rx="2" />
              </svg>
              <span class="number" data-probability={p}>
                {(p * 100).toFixed(2)} %
              </span>
            </li>
          ))}
        </ul>
        <figure class="seen">
          <Pixels
            levels={seen}
            width={input.width}
            height={input.height}
            label="What the model sees"
          />
          <figcaption class="soft small">
            what the model sees: {input.height} x {input.width}
            {decode === 'tensorflow' &&
              '; browsers decode JPEG files a little differently than tf.data, as in training'}
          </figcaption>
        </figure>
      </div>
    </section>
  );
}
