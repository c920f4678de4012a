import { type ImageSize, imageSizeText, parseImageSize } from '@fixres/data/names';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fixresPresets } from '@fixres/runs';
import { isPresetName } from '@fixres/runs/names';
import { presetLimits } from '../../../shared/preset-limits.ts';
import type { StartFrom } from '../../../shared/protocol.ts';
import { sizeInput } from '../parts/size-input.ts';
import { Picker } from '../run/choose.tsx';
import { control, followControl, isUnderWay, processOf, startRun } from '../state/control.ts';
import { runs } from '../state/live.ts';
import { toRun } from '../state/to-run.ts';
import { param, setParams } from '../state/url-state.ts';

const presets: Readonly<Record<string, string>> = {
  quick: 'the Keras example with a smaller model, in minutes on two cores',
  keras: 'the Keras example: ResNet50V2, 128 to 224 pixels, Adam, 30 and 10 epochs',
  paper:
    'the settings of the FixRes authors: SGD, random resized crops, classifier and last ' +
    'statistics',
  matched: 'as keras, with the large size and its test policy from the planner',
};

type Setting = keyof typeof presetLimits;

/** Values of a preset if a field is empty. */
function placeholder(preset: string, setting: Setting): string {
  if (!isPresetName(preset)) return '';
  if (setting === 'limit') return 'all';
  const value = fixresPresets[preset][setting];
  return typeof value === 'object' ? imageSizeText(value) : String(value);
}

const settings: readonly { name: Setting; title: string }[] = [
  { name: 'small', title: 'Small image size, pixels' },
  { name: 'large', title: 'Large image size, pixels' },
  { name: 'width', title: 'Stem width of the model' },
  { name: 'epochs', title: 'Epochs from scratch' },
  { name: 'finetuneEpochs', title: 'Epochs of fine-tuning' },
  { name: 'seedCount', title: 'Number of seeds' },
  { name: 'batchSize', title: 'Batch size' },
  { name: 'limit', title: 'Maximum number of images' },
];

/** The form's fields in the address, emptied. */
const formFields: Readonly<Record<string, string>> = Object.fromEntries(
  ['from', 'preset', 'dataset', ...settings.map(({ name }) => name)].map((name) => [name, '']),
);

/** Starts a run from a preset, an experiment file, or another run's configuration. */
export function StartView(): JSX.Element {
  const [failure, setFailure] = useState<string | null>(null);
  const [name, setName] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [started, setStarted] = useState<string | null>(null);
  useEffect(
    () => void followControl().catch((error: unknown) => setFailure((error as Error).message)),
    [],
  );
  const there = started !== null && runs.value.has(started);
  useEffect(() => {
    if (there) setParams({ ...formFields, ...toRun(started), tab: 'curves' }, { step: true });
  }, [there]);

  const files = control.value?.files ?? [];
  const datasets = control.value?.datasets ?? [];
  const from = param('from');
  const source = sourceOf(from, files);
  const preset = param('preset', 'quick');
  const dataset = datasets.find((each) => each === param('dataset')) ?? datasets[0] ?? '';
  const asked: StartFrom =
    source.kind === 'preset'
      ? { preset, dataset, ...Object.fromEntries(settings.flatMap((each) => valueOf(each.name))) }
      : source.from;
  const shownName =
    name ?? freeName(source.kind === 'preset' ? `${stemOf(dataset)}-${preset}` : source.stem);
  const process = started === null ? undefined : processOf(started);
  const underWay = process !== undefined && isUnderWay(process);
  const busy = asking || underWay;
  const problem = failure ?? process?.problem ?? null;

  const start = async (): Promise<void> => {
    setAsking(true);
    setFailure(null);
    setStarted(null);
    try {
      await startRun({ name: shownName, from: asked });
      setStarted(shownName);
    } catch (error) {
      setFailure((error as Error).message);
    } finally {
      setAsking(false);
    }
  };
  return (
    <form
      class="card"
      aria-labelledby="start-title"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <header>
        <h1 id="start-title">New run</h1>
        <span class="soft">
          it continues when the dashboard exits, and can be stopped and resumed here
        </span>
      </header>
      <div class="form">
        <label class="field">
          Source
          <select value={from} onChange={(event) => setParams({ from: event.currentTarget.value })}>
            <option value="">a preset</option>
            {files.length > 0 && (
              <optgroup label="Experiment files">
                {files.map((file) => (
                  <option key={file} value={`file:${file}`}>
                    {file}
                  </option>
                ))}
              </optgroup>
            )}
            {runs.value.size > 0 && (
              <optgroup label="Configuration of a run">
                {[...runs.value.keys()].sort().map((id) => (
                  <option key={id} value={`run:${id}`}>
                    {id}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        </label>
        <label class="field">
          Name
          <input
            type="text"
            required
            pattern="\w[\w.+\-]*"
            maxLength={80}
            value={shownName}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        {source.kind === 'preset' && (
          <>
            <Picker
              title="Data"
              value={dataset}
              options={datasets}
              onChange={(next) => setParams({ dataset: next })}
            />
            <Picker
              title="Preset"
              value={preset}
              options={Object.keys(presets)}
              onChange={(next) => setParams({ preset: next })}
            />
            <p class="soft small whole">
              {preset}: {presets[preset]}. Empty fields use the preset’s value, shown in grey.
            </p>
            {settings.map((setting) => (
              <label key={setting.name} class="field">
                {setting.title}
                <input
                  {...(isSize(setting.name)
                    ? sizeInput
                    : {
                        type: 'number',
                        min: presetLimits[setting.name].low,
                        max: presetLimits[setting.name].high,
                      })}
                  placeholder={placeholder(preset, setting.name)}
                  value={param(setting.name)}
                  onInput={(event) => setParams({ [setting.name]: event.currentTarget.value })}
                />
              </label>
            ))}
          </>
        )}
        <p class="whole tools">
          <button class="main" type="submit" disabled={busy || control.value === null}>
            {busy ? 'Starting…' : 'Start'}
          </button>
          {underWay && (
            <span class="inline soft" role="status">
              Reading the images
            </span>
          )}
        </p>
        {problem !== null && (
          <p class="notice bad output whole" role="alert">
            {problem}
          </p>
        )}
      </div>
    </form>
  );
}

type Source = { kind: 'preset' } | { kind: 'other'; from: StartFrom; stem: string };

function sourceOf(from: string, files: readonly string[]): Source {
  const file = files.find((each) => from === `file:${each}`);
  if (file !== undefined)
    return { kind: 'other', from: { file }, stem: file.replace(/\.\w+$/, '') };
  const run = [...runs.value.keys()].find((id) => from === `run:${id}`);
  return run === undefined
    ? { kind: 'preset' }
    : { kind: 'other', from: { run }, stem: stemOf(run).replace(/-\d+$/, '') };
}

function valueOf(name: Setting): [Setting, ImageSize][] {
  const text = param(name);
  const value = isSize(name) ? parseImageSize(text) : Number(text);
  return text === '' || value === undefined || Number.isNaN(value) ? [] : [[name, value]];
}

function isSize(name: Setting): boolean {
  return name === 'small' || name === 'large';
}

/** The last part of a path, as far as it is a valid name. */
function stemOf(path: string): string {
  const last = path.split(/[\\/]/).findLast((part) => part !== '') ?? '';
  return (
    last
      .replace(/\.(tgz|tar\.gz|tar|zip)$/i, '')
      .replace(/[^\w.+-]+/g, '-')
      .replace(/^\W+/, '') || 'run'
  );
}

/** A name that no run has yet. */
function freeName(stem: string): string {
  const taken = (name: string): boolean => runs.value.has(name);
  let name = stem;
  for (let n = 2; taken(name); n++) name = `${stem}-${n}`;
  return name;
}
