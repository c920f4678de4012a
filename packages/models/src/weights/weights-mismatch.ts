import { FixresModelsError } from '../errors.ts';

/** An array and its shape. */
export interface ArrayPlace {
  /** `<layer>/<weight>` */
  name: string;
  shape: readonly number[];
}

/** All differences between a weights file and a model. */
export interface WeightsMismatches {
  /** Weights of the model that the file does not have. */
  missing: readonly ArrayPlace[];
  /** Arrays of the file that the model does not have. */
  unexpected: readonly ArrayPlace[];
  /** Weights of the model whose array in the file has another shape: `found`. */
  wrongShape: readonly (ArrayPlace & { found: readonly number[] })[];
}

/** The arrays of a weights file do not match the model. Its code is `weights-mismatch`. */
export class WeightsMismatchError extends FixresModelsError implements WeightsMismatches {
  readonly missing: WeightsMismatches['missing'];
  readonly unexpected: WeightsMismatches['unexpected'];
  readonly wrongShape: WeightsMismatches['wrongShape'];

  constructor(model: string, { missing, unexpected, wrongShape }: WeightsMismatches) {
    const lines = [
      ...missing.map((each) => `missing: ${each.name} ${shapeText(each.shape)}`),
      ...unexpected.map((each) => `unexpected: ${each.name} ${shapeText(each.shape)}`),
      ...wrongShape.map(
        (each) =>
          `wrong shape: ${each.name} is ${shapeText(each.found)} in the file, ${shapeText(each.shape)} in the model`,
      ),
    ];
    lines.push(
      ...namesakes(missing, unexpected).map(
        ([from, to]) =>
          `Layer ${from} of the file has the shapes of ${to}, which is missing: perhaps rename ${from}=${to}.`,
      ),
    );
    const counts = `${missing.length} missing, ${unexpected.length} unexpected, ${wrongShape.length} of another shape`;
    super(
      'weights-mismatch',
      `The file does not contain the weights of model ${model} ` +
        `(${counts}):\n${lines.join('\n')}`,
    );
    this.missing = missing;
    this.unexpected = unexpected;
    this.wrongShape = wrongShape;
  }
}

/**
 * Layers of the file that could be the missing layers of the model, because only they have the same
 * shapes.
 */
function namesakes(
  missing: readonly ArrayPlace[],
  unexpected: readonly ArrayPlace[],
): [from: string, to: string][] {
  const shapesOf = (places: readonly ArrayPlace[]): Map<string, string[]> => {
    const layers = new Map<string, string>();
    for (const { name, shape } of places) {
      const layer = name.slice(0, name.lastIndexOf('/'));
      layers.set(layer, `${layers.get(layer) ?? ''}${shapeText(shape)}`);
    }
    const byShape = new Map<string, string[]>();
    for (const [layer, shapes] of layers)
      byShape.set(shapes, [...(byShape.get(shapes) ?? []), layer]);
    return byShape;
  };
  const offered = shapesOf(unexpected);
  return [...shapesOf(missing)].flatMap(([shapes, [to, ...others]]): [string, string][] => {
    const [from, ...more] = offered.get(shapes) ?? [];
    return from !== undefined && to !== undefined && others.length + more.length === 0
      ? [[from, to]]
      : [];
  });
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
