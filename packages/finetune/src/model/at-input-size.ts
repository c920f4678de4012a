import * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';
import { type Json, rebuildModel } from './rebuild-model.ts';

/**
 * The same model with the same weights for square images of another size, or of any size. Models
 * are often saved with the size that they were trained at, although convolutions and global pooling
 * accept any size.
 *
 * @param model images [b, side, side, channels]; a model for any size is returned unchanged.
 * Otherwise the caller disposes both.
 * @param size in pixels; null: any
 * @throws FixresFinetuneError `fixed-size` if the weights fit only one size
 */
export async function atInputSize(
  model: tfl.LayersModel,
  size: number | null,
): Promise<tfl.LayersModel> {
  const [, height, width] = model.inputs[0]?.shape ?? [];
  if ((height === null || height === size) && (width === null || width === size)) return model;
  const change = { from: [height ?? null, width ?? null], size };
  const only = `Model ${JSON.stringify(model.name)} is for images of ${height}x${width} only`;
  let rebuilt: tfl.LayersModel;
  try {
    rebuilt = await rebuildModel(model, (topology) => withSize(topology, change));
  } catch (cause) {
    const other = size === null ? 'another size' : `${size}x${size}`;
    const message = `${only}: at ${other} its weights do not fit (${(cause as Error).message.split('\n', 1)[0]!})`;
    throw new FixresFinetuneError('fixed-size', message, { cause });
  }
  const fixed = fixedReshape(rebuilt);
  if (fixed === undefined) return rebuilt;
  rebuilt.dispose();
  const { name, target } = fixed;
  throw new FixresFinetuneError(
    'fixed-size',
    `${only}: its layer "${name}" (Reshape) gives [${target.join(', ')}] at any size`,
  );
}

/** A layer that makes a map of open size a shape without open sides, which tfjs accepts. */
function fixedReshape({
  layers,
}: tfl.LayersModel): { name: string; target: readonly number[] } | undefined {
  for (const layer of layers) {
    if (layer instanceof tfl.LayersModel) {
      const inside = fixedReshape(layer);
      if (inside !== undefined) return inside;
    } else if (layer.getClassName() === 'Reshape') {
      const { targetShape: target } = layer.getConfig() as { targetShape: (number | null)[] };
      const inputs = layer.inboundNodes.flatMap(({ inputTensors }) => inputTensors);
      const isOpen = inputs.some(({ shape }) => shape.slice(1).includes(null));
      if (isOpen && target.every((side) => side !== null && side >= 0))
        return { name: layer.name, target: target as number[] };
    }
  }
  return undefined;
}

/** Replaces the size in every input shape that has it, including those of nested models. */
function withSize(value: Json, change: { from: Json[]; size: number | null }): Json {
  if (Array.isArray(value)) return value.map((item) => withSize(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isInput =
        (key === 'batch_input_shape' || key === 'batchInputShape') &&
        Array.isArray(item) &&
        item.length === 4;
      if (!isInput) return [key, withSize(item, change)];
      const [batch, height, width, channels] = item as [Json, Json, Json, Json];
      // A nested model for any size that is behind a stem has maps of other sizes.
      const has = height === change.from[0] && width === change.from[1];
      const sides = change.size === null ? [null, null] : [change.size, change.size];
      return [key, has || change.size === null ? [batch, ...sides, channels] : item];
    }),
  );
}
