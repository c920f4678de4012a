import {
  contractPolicy,
  createRandom,
  drawingOf,
  drawPixels,
  normalisePixels,
  parsePreprocessingContract,
  type Policy,
  preprocessingContract,
  type PreprocessingContract,
  type RgbImage,
  unscaled,
} from '@fixres/data';
// Registers the layers of our models.
import '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { runPath } from '../api.ts';
import { type PageEngine, startEngine } from './engine.ts';

/** A model of a run, ready in the page. */
export interface RunModel {
  model: LayersModel;
  engine: PageEngine;
  contract: PreprocessingContract;
}

let current: { key: string; loading: Promise<RunModel> } | undefined;

/**
 * Loads a model of a run and disposes the previous one. Uses the contract in its folder, or else
 * the test policy of its arm with unscaled levels, because the models of such runs scale the levels
 * themselves.
 *
 * @param name folder of the model, `<arm>-seed<n>`
 */
export function loadRunModel(
  run: string,
  name: string,
  testPolicy: Policy,
  engine?: PageEngine,
): Promise<RunModel> {
  const key = JSON.stringify([run, name, engine]);
  if (current?.key === key) return current.loading;
  const before = current?.loading;
  const loading = (async () => {
    await before?.then(({ model }) => model.dispose()).catch(() => undefined);
    const started = await startEngine(engine);
    const address = `${location.origin}${runPath(run)}/models/${encodeURIComponent(name)}/model.json`;
    const model = await loadLayersModel(address);
    return { model, engine: started, contract: contractOf(model, testPolicy) };
  })();
  current = { key, loading };
  loading.catch(() => (current = current?.key === key ? undefined : current));
  return loading;
}

function contractOf(model: LayersModel, testPolicy: Policy): PreprocessingContract {
  const metadata = model.getUserDefinedMetadata() as
    | { fixres?: { contract?: unknown } }
    | undefined;
  const stored = metadata?.fixres?.contract;
  if (stored !== undefined) return parsePreprocessingContract(stored);
  return preprocessingContract(testPolicy, {
    normalisation: unscaled,
  });
}

/** A model's prediction for a photo, and the input that it got. */
export interface Classification {
  probabilities: Float32Array;
  /** input.height x input.width x 3 levels. */
  seen: Uint8Array;
  milliseconds: number;
}

/** Classifies a photo under the model's contract. Leaves no tensor behind. */
export async function classify(
  { model, contract }: RunModel,
  image: RgbImage,
): Promise<Classification> {
  const started = performance.now();
  const { width, height } = contract.input;
  const seen = new Uint8Array(width * height * 3);
  // A contract is deterministic, so no random number is drawn.
  drawPixels(image, drawingOf(contractPolicy(contract), image, createRandom(0)), seen);
  const numbers = normalisePixels(seen, contract);
  const shape: [number, number, number, number] =
    contract.layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const output = tf.tidy(() => {
    const said = model.predict(tf.tensor4d(numbers, shape)) as tf.Tensor;
    if (isProbabilities(model)) return said;
    return contract.head ? tf.sigmoid(said) : tf.softmax(said);
  });
  const probabilities = (await output.data()) as Float32Array;
  output.dispose();
  return { probabilities, seen, milliseconds: performance.now() - started };
}

function isProbabilities(model: LayersModel): boolean {
  const config = model.layers.at(-1)?.getConfig();
  return (
    config?.activation === 'softmax' ||
    config?.activation === 'sigmoid' ||
    ['Softmax', 'KerasSoftmax'].includes(model.layers.at(-1)?.getClassName() ?? '')
  );
}
