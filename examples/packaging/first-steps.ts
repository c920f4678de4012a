import type { FixresProject } from './fixres-project.ts';

export interface FirstStepsOptions {
  /**
   * Exports the weights of the run and imports them again; the HDF5 library does this in a worker
   * thread.
   */
  weights?: boolean;
}

interface Doctor {
  engine: { name: string };
  node: { version: string };
  jpegTurbo: { problem?: string };
}

const training =
  'train synthetic --model resnet14v2 --width 4 --image-size 32 --epochs 1 --limit 60 --json --quiet'.split(
    ' ',
  );

/**
 * Runs the first commands of a new user: inspects the machine, trains on wasm, and more on request.
 *
 * @returns the version of Node
 * @throws Error if a command fails or has an unexpected result
 */
export async function takeFirstSteps(
  { fixres }: FixresProject,
  { weights = false }: FirstStepsOptions = {},
): Promise<string> {
  const { node, jpegTurbo } = await answer<Doctor>(fixres('doctor', '--json'));
  if (jpegTurbo.problem !== 'it is not installed')
    throw new Error(`fixres brings the optional JPEG decoder, or: ${jpegTurbo.problem}.`);
  await trainOn('wasm', fixres);
  if (weights) {
    await fixres('export', 'wasm', '--format', 'keras-weights', '--out', 'weights');
    const restored =
      'import keras weights/model.weights.h5 --arch resnet14v2 --width 4 --classes 5 --scaling plus-minus-one --out imported --json'.split(
        ' ',
      );
    const { arrays } = await answer<{ arrays: number }>(fixres(...restored));
    if (arrays !== 80) throw new Error(`Of the 80 arrays of the model ${arrays} came back.`);
  }
  return node.version;
}

/**
 * Sets up the native engine, which may download and compile it, and trains on it.
 *
 * @throws Error if a command fails, or another engine is chosen then
 */
export async function takeNativeSteps({ fixres }: FixresProject): Promise<void> {
  await fixres('setup');
  const { engine } = await answer<Doctor>(fixres('doctor', '--json'));
  if (engine.name !== 'tensorflow')
    throw new Error(`After fixres setup the engine is "${engine.name}".`);
  await trainOn('tensorflow', fixres);
}

async function trainOn(engine: string, fixres: FixresProject['fixres']): Promise<void> {
  const summary = await answer<{ engine: { name: string }; arms: unknown[] }>(
    fixres(...training, '--engine', engine, '--out', engine),
  );
  if (summary.engine.name !== engine || summary.arms.length !== 1)
    throw new Error(
      `Asked to train one model on ${engine}, fixres trained ${summary.arms.length} on ${summary.engine.name}.`,
    );
}

async function answer<T>(output: Promise<{ stdout: string }>): Promise<T> {
  return JSON.parse((await output).stdout) as T;
}
