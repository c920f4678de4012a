import type { FixresProject } from './fixres-project.ts';

export interface FirstStepsOptions {
  /** Also sets up the native engine, which may fetch and compile it, and trains on it. */
  native: boolean;
}

interface Doctor {
  engine: { name: string };
  node: { version: string };
}

const training = 'train synthetic --model resnet14v2 --width 4 --size 32 --epochs 1 --limit 60 --json --quiet'.split(' ');

/**
 * What a new user does first: looks at the machine, trains on wasm, takes the weights out of the run and back in (by the HDF5 library, which
 * runs in a worker thread), and does the same on the native engine.
 *
 * @returns the version of Node that ran it, and the engines that trained
 * @throws Error when a command fails, or has another result than it should
 */
export async function takeFirstSteps({ fixres }: FixresProject, { native }: FirstStepsOptions): Promise<{ node: string; engines: string[] }> {
  const { node } = await answer<Doctor>(fixres('doctor', '--json'));
  const engines = [await train('wasm')];
  await fixres('export', 'wasm', '--format', 'keras-weights', '--out', 'weights');
  const { arrays } = await answer<{ arrays: number }>(fixres('import', 'keras', 'weights/model.weights.h5', '--arch', 'resnet14v2', '--width', '4', '--classes', '5', '--out', 'imported', '--json'));
  if (arrays !== 80) throw new Error(`Of the 80 arrays of the model ${arrays} came back.`);
  if (native) {
    await fixres('setup');
    const { engine } = await answer<Doctor>(fixres('doctor', '--json'));
    if (engine.name !== 'tensorflow') throw new Error(`After fixres setup the engine is "${engine.name}".`);
    engines.push(await train('tensorflow'));
  }
  return { node: node.version, engines };

  async function train(engine: string): Promise<string> {
    const summary = await answer<{ engine: { name: string }; arms: unknown[] }>(fixres(...training, '--engine', engine, '--out', engine));
    if (summary.engine.name !== engine || summary.arms.length !== 1) throw new Error(`Asked to train one model on ${engine}, fixres trained ${summary.arms.length} on ${summary.engine.name}.`);
    return summary.engine.name;
  }
}

async function answer<T>(output: Promise<{ stdout: string }>): Promise<T> {
  return JSON.parse((await output).stdout) as T;
}
