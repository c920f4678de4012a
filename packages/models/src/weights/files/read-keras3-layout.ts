import type { SavedLayer } from '../keras-weights.ts';
import { attentionParts } from './attention-parts.ts';
import type { Hdf5Reader } from './hdf5-file.ts';

/** Maximum depth of nested models. */
const MOST_LEVELS = 16;

/** Maximum number of layers in a file, including those without arrays. */
const MOST_LAYERS = 100_000;

/**
 * Reads the layout of Keras 3: `layers/<class>[_n]/vars/0, 1, ...`, and the same again below it for
 * nested models. Optimizer, metrics and states of random generators are skipped.
 *
 * @returns undefined if the file has another layout
 */
export function readKeras3Layout(file: Hdf5Reader): SavedLayer[] | undefined {
  if (!file.names('/').includes('layers')) return undefined;
  const layers: SavedLayer[] = [];
  let seen = 0;
  const walk = (path: string, level: number): void => {
    if (++seen > MOST_LAYERS || level > 2 * MOST_LEVELS)
      throw new Error('it has more groups, or groups deeper in one another, than any model');
    const names = file.names(path);
    // tf_keras keeps the underscores of attributes.
    const mark = ['', '_'].find((each) =>
      attentionParts.every(([part]) => names.includes(`${each}${part}`)),
    );
    if (mark !== undefined) {
      layers.push(readAttention(file, path, mark));
      return;
    }
    for (const name of names) {
      const inner = `${path}/${name}`;
      if (name === 'seed_generator' || !file.isGroup(inner)) continue;
      if (name === 'vars') {
        const layer = readLayer(file, path);
        if (layer.arrays.length > 0) layers.push(layer);
      } else {
        walk(inner, level + 1);
      }
    }
  };
  walk('layers', 0);
  return layers;
}

function readLayer(file: Hdf5Reader, path: string): SavedLayer {
  const vars = `${path}/vars`;
  const names = file
    .names(vars)
    .filter((name) => !file.isCount(`${vars}/${name}`))
    .sort((a, b) => Number(a) - Number(b));
  const arrays = names.map((each) => ({ name: each, ...file.floats(`${vars}/${each}`) }));
  return { path, ...nameOf(file, path), arrays };
}

/** An attention, whose weights are those of the layers inside it. */
function readAttention(file: Hdf5Reader, path: string, mark: string): SavedLayer {
  const arrays = attentionParts.flatMap(([part, prefix]) =>
    readLayer(file, `${path}/${mark}${part}`).arrays.map((array, i) => ({
      ...array,
      name: `${prefix}_${i === 0 ? 'kernel' : 'bias'}`,
    })),
  );
  return { path, ...nameOf(file, path), arrays };
}

function nameOf(file: Hdf5Reader, path: string): { name?: string } {
  if (!file.names(path).includes('vars')) return {};
  const [name] = file.texts(`${path}/vars`, 'name') ?? [];
  return name === undefined ? {} : { name };
}
