import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import {
  adjustmentText,
  createRandom,
  drawingOf,
  drawPixels,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  magnification,
  namedPolicy,
  parseImageSize,
  type Policy,
  policyNames,
  type Rect,
  type RgbImage,
  sourceRect,
} from '@fixres/data';
import type { PredictionQuery } from '../../../shared/prediction-query.ts';
import type { RunDetail } from '../../../shared/protocol.ts';
import { fetchImage, fetchPredictionsPage, imageAddress } from '../api.ts';
import { decodePhoto } from '../parts/decode-photo.ts';
import { Pixels } from '../parts/pixels.tsx';
import { sizeInput } from '../parts/size-input.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { chosenPredictions, Picker } from '../run/choose.tsx';
import { param, setParams } from '../state/url-state.ts';
import { armsOf } from './experiment-of.ts';

const firstPhotos: PredictionQuery = { kind: 'all', order: 'as in the file', from: 0, limit: 24 };

const armsOwn = 'the arm’s own';

interface OpenPhoto {
  name: string;
  blob: Blob;
  image: RgbImage;
}

async function openPhoto(name: string, blob: Blob): Promise<OpenPhoto> {
  return { name, blob, image: await decodePhoto(blob) };
}

/** The train and test crops of the same photo, drawn in the page by the policies themselves. */
export function Crops({ detail }: { detail: RunDetail }): JSX.Element {
  const arms = armsOf(detail.config);
  const arm = arms.find(({ name }) => name === param('arm')) ?? arms[0];
  const file = chosenPredictions(detail);
  const first = useLoaded(
    () =>
      file && detail.images.available
        ? fetchPredictionsPage(detail.row.id, file.name, firstPhotos)
        : Promise.resolve(undefined),
    [detail.row.id, file?.name, detail.images.available],
    [detail.row.made],
  );
  const files = first.state === 'ready' ? (first.value?.rows.map((row) => row.file) ?? []) : [];
  const chosen = files.includes(param('photo')) ? param('photo') : files[0];
  const [own, setOwn] = useState<File | null>(null);
  const photo = useLoaded(async () => {
    if (own) return openPhoto(own.name, own);
    return file && chosen !== undefined
      ? openPhoto(chosen, await fetchImage(detail.row.id, file.name, chosen))
      : undefined;
  }, [own, detail.row.id, file?.name, chosen]);

  if (!arm) return <p class="notice">The run’s configuration has no policies.</p>;
  const trainSize = imageSizeOf(arm.trainPolicy.output);
  const names = [armsOwn, ...policyNames];
  const train = policyFor(param('train', armsOwn), param('trainsize'), arm.trainPolicy, trainSize);
  const test = policyFor(param('test', armsOwn), param('testsize'), arm.testPolicy, trainSize);
  const seed = Number(param('draw', '0')) || 0;
  return (
    <>
      <div class="tools">
        <Picker
          title="Arm"
          value={arm.name}
          options={arms.map(({ name }) => name)}
          onChange={(next) => setParams({ arm: next, trainsize: '', testsize: '' })}
        />
        <Picker
          title="Train policy"
          value={param('train', armsOwn)}
          options={names}
          onChange={(next) => setParams({ train: next === armsOwn ? '' : next })}
        />
        <SizeField
          title="Size"
          name="trainsize"
          value={sizeOf(train)}
          disabled={param('train', armsOwn) === armsOwn}
        />
        <Picker
          title="Test policy"
          value={param('test', armsOwn)}
          options={names}
          onChange={(next) => setParams({ test: next === armsOwn ? '' : next })}
        />
        <SizeField
          title="Size"
          name="testsize"
          value={sizeOf(test)}
          disabled={param('test', armsOwn) === armsOwn}
        />
        <button onClick={() => setParams({ draw: String(seed + 1) })}>Draw again</button>
        <label class="button">
          Open a photo…
          <input
            class="visually-hidden"
            type="file"
            accept="image/*"
            onChange={({ currentTarget }) => {
              setOwn(currentTarget.files?.[0] ?? own);
              // Choosing the same file again must also trigger a change.
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
      {!detail.images.available && (
        <p class="notice">{detail.images.reason} Open a photo to see its crops.</p>
      )}
      {file && files.length > 0 && (
        <div class="strip" role="group" aria-label="Photos">
          {files.map((name) => (
            <button
              key={name}
              aria-pressed={!own && name === chosen}
              aria-label={name}
              onClick={() => {
                setOwn(null);
                setParams({ photo: name });
              }}
            >
              <img src={imageAddress(detail.row.id, file.name, name, 128)} alt="" loading="lazy" />
            </button>
          ))}
        </div>
      )}
      {photo.state === 'loading' && <p class="soft">Loading…</p>}
      {photo.state === 'failed' && <p class="notice bad">{photo.message}</p>}
      {photo.state === 'ready' && photo.value && (
        <CropFigures photo={photo.value} train={train} test={test} seed={seed} />
      )}
    </>
  );
}

type PolicyOrProblem = Policy | { problem: string };

function policyFor(name: string, size: string, own: Policy, trainSize: ImageSize): PolicyOrProblem {
  if (!policyNames.some((known) => known === name)) return own;
  try {
    return namedPolicy(name, { size: parseImageSize(size) ?? own.output, trainSize });
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function sizeOf(policy: PolicyOrProblem): string {
  return 'output' in policy ? imageSizeText(policy.output) : '';
}

function SizeField({
  title,
  name,
  value,
  disabled,
}: {
  title: string;
  name: string;
  value: string;
  disabled: boolean;
}): JSX.Element {
  return (
    <label class="field">
      {title}
      <input
        {...sizeInput}
        value={value}
        disabled={disabled}
        onChange={(event) => setParams({ [name]: event.currentTarget.value })}
      />
    </label>
  );
}

interface Crop {
  pixels: Uint8Array;
  width: number;
  height: number;
  source: Rect;
  scale: number;
  /** What the augmentations did, one text each. */
  changes: string[];
}

function cropOf(policy: PolicyOrProblem, image: RgbImage, seed: number): Crop | string {
  if ('problem' in policy) return policy.problem;
  try {
    const drawing = drawingOf(policy, image, createRandom(seed, 'dashboard'));
    const { width, height } = drawing.view.window;
    const pixels = new Uint8Array(width * height * 3);
    drawPixels(image, drawing, pixels);
    return {
      pixels,
      width,
      height,
      source: sourceRect(drawing.view),
      scale: magnification(drawing.view),
      changes: [...drawing.adjustments, ...drawing.augmentations].map(adjustmentText),
    };
  } catch (error) {
    return (error as Error).message;
  }
}

function CropFigures({
  photo,
  train,
  test,
  seed,
}: {
  photo: OpenPhoto;
  train: PolicyOrProblem;
  test: PolicyOrProblem;
  seed: number;
}): JSX.Element {
  const { blob, image } = photo;
  const address = useMemo(() => URL.createObjectURL(blob), [blob]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const key = JSON.stringify([train, test]);
  const [trainCrop, testCrop] = useMemo(
    () => [cropOf(train, image, seed), cropOf(test, image, seed)],
    [image, key, seed],
  );
  const ratio =
    typeof trainCrop !== 'string' && typeof testCrop !== 'string'
      ? testCrop.scale / trainCrop.scale
      : undefined;
  return (
    <section class="card" aria-labelledby="crops-title">
      <header>
        <h2 id="crops-title">What the network sees</h2>
        {ratio !== undefined && (
          <span class="soft" role="status">
            in this sample, objects appear{' '}
            {ratio >= 1
              ? `${ratio.toFixed(2)} times as large at test time as in training`
              : `${(1 / ratio).toFixed(2)} times as large in training as at test time`}
          </span>
        )}
      </header>
      <div class="crops" data-ready>
        <figure>
          <svg
            viewBox={`0 0 ${image.width} ${image.height}`}
            role="img"
            aria-label={`${photo.name} with the parts that are shown in training and at test time`}
          >
            <image href={address} width={image.width} height={image.height} />
            {typeof trainCrop !== 'string' && <rect class="crop-train" {...trainCrop.source} />}
            {typeof testCrop !== 'string' && <rect class="crop-test" {...testCrop.source} />}
          </svg>
          <figcaption>
            <b>{photo.name}</b>
            <br />
            {image.height} x {image.width} pixels (height x width); orange: training, blue: test
          </figcaption>
        </figure>
        <CropFigure title="Training" policy={train} crop={trainCrop} />
        <CropFigure title="Test" policy={test} crop={testCrop} />
      </div>
    </section>
  );
}

function CropFigure({
  title,
  policy,
  crop,
}: {
  title: string;
  policy: PolicyOrProblem;
  crop: Crop | string;
}): JSX.Element {
  if (typeof crop === 'string') return <p class="notice bad">{crop}</p>;
  const name = 'name' in policy ? policy.name : '';
  return (
    <figure>
      <Pixels
        levels={crop.pixels}
        width={crop.width}
        height={crop.height}
        label={`${title}: ${name} at ${imageSizeText(crop)} pixels`}
      />
      <figcaption>
        <b>{title}</b>
        <br />
        {name}, {crop.height} x {crop.width}; {Math.round(crop.source.height)} x{' '}
        {Math.round(crop.source.width)} of the photo, ×{'\u00a0'}
        {crop.scale.toFixed(2)}
        {crop.changes.length > 0 && (
          <>
            <br />
            {crop.changes.join('; ')}
          </>
        )}
      </figcaption>
    </figure>
  );
}
