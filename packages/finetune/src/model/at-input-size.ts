import * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';
import { type Json, rebuildModel } from './rebuild-model.ts';

/**
 * The same model with the same weights for images of another size, or of any size. Models
 * are often saved with the size that they were trained at, although convolutions and global pooling
 * accept any size.
 *
 * @param model images [b, height, width, channels]; a model for any size is returned unchanged.
 * Otherwise the caller disposes both.
 * @param size side of a square, or height and width, in pixels; null: any
 * @throws FixresFinetuneError `fixed-size` if the weights fit only one size
 */
export async function atInputSize(
  model: tfl.LayersModel,
  size: number | { height: number; width: number } | null,
): Promise<tfl.LayersModel> {
  const [, height, width] = model.inputs[0]?.shape ?? [];
  const to: Sides =
    size === null || typeof size === 'number' ? [size, size] : [size.height, size.width];
  if ((height === null || height === to[0]) && (width === null || width === to[1])) return model;
  const change: SizeChange = { from: [height ?? null, width ?? null], to };
  const only = `Model ${JSON.stringify(model.name)} is for images of ${height}x${width} only`;
  let rebuilt: tfl.LayersModel;
  try {
    rebuilt = await rebuildModel(model, (topology) => withSize(topology, change));
  } catch (cause) {
    const other = size === null ? 'another size' : to.join('x');
    const message = `${only}: at ${other} its weights do not fit (${(cause as Error).message.split('\n', 1)[0]!})`;
    throw new FixresFinetuneError('fixed-size', message, { cause });
  }
  const reason = fixedOrder(rebuilt, model);
  if (reason === undefined) return rebuilt;
  rebuilt.dispose();
  throw new FixresFinetuneError('fixed-size', `${only}: ${reason}`);
}

/**
 * Why a layer ties its output to the positions of one map, although tfjs accepts another: a map of
 * open size for a shape without open sides, or one with as many cells in other rows and columns.
 */
function fixedOrder(rebuilt: tfl.LayersModel, model: tfl.LayersModel): string | undefined {
  for (const layer of rebuilt.layers) {
    const own = model.getLayer(layer.name);
    if (layer instanceof tfl.LayersModel) {
      const inside = fixedOrder(layer, own as tfl.LayersModel);
      if (inside !== undefined) return inside;
      continue;
    }
    const kind = layer.getClassName();
    const target = kind === 'Reshape' ? targetOf(layer) : undefined;
    const isOrdered = target?.every((side) => side !== null && side >= 0) ?? kind === 'Flatten';
    if (!isOrdered) continue;
    const named = `its layer "${layer.name}" (${kind})`;
    const known = inputShapes(own).map(String);
    for (const shape of inputShapes(layer)) {
      if (shape.includes(null)) return `${named} gives [${target!.join(', ')}] at any size`;
      if (!known.includes(String(shape)))
        return `${named} takes maps of ${known.map((text) => text.replaceAll(',', 'x')).join(', ')}, not of ${shape.join('x')}`;
    }
  }
  return undefined;
}

function targetOf(layer: tfl.layers.Layer): (number | null)[] {
  return (layer.getConfig() as { targetShape: (number | null)[] }).targetShape;
}

/** Shapes without the batch. */
function inputShapes({ inboundNodes }: tfl.layers.Layer): (number | null)[][] {
  return inboundNodes.flatMap(({ inputTensors }) =>
    inputTensors.map(({ shape }) => shape.slice(1)),
  );
}

/** Height and width; null: any. */
type Sides = [height: number | null, width: number | null];

interface SizeChange {
  from: Sides;
  to: Sides;
}

/** Replaces the size in every input shape that has it, including those of nested models. */
function withSize(value: Json, change: SizeChange): Json {
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
      return [key, has || change.to[0] === null ? [batch, ...change.to, channels] : item];
    }),
  );
}
