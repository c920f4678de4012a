import { FixresModelsError } from '../errors.ts';

/** An array and its shape. */
export interface ArrayPlace {
  /** `<layer>/<weight>` */
  name: string;
  shape: readonly number[];
}

/** Everything in which a weights file and a model differ. */
export interface WeightsMismatches {
  /** Weights of the model that the file does not have. */
  missing: readonly ArrayPlace[];
  /** Arrays of the file that the model does not have. */
  unexpected: readonly ArrayPlace[];
  /** Weights of the model whose array has another shape: `found`. */
  wrongShape: readonly (ArrayPlace & { found: readonly number[] })[];
}

/** The arrays of a weights file are not those of the model. Its code is `weights-mismatch`. */
export class WeightsMismatchError extends FixresModelsError implements WeightsMismatches {
  readonly missing: WeightsMismatches['missing'];
  readonly unexpected: WeightsMismatches['unexpected'];
  readonly wrongShape: WeightsMismatches['wrongShape'];

  constructor(model: string, { missing, unexpected, wrongShape }: WeightsMismatches) {
    const lines = [
      ...missing.map((each) => `missing: ${each.name} ${shapeText(each.shape)}`),
      ...unexpected.map((each) => `unexpected: ${each.name} ${shapeText(each.shape)}`),
      ...wrongShape.map((each) => `wrong shape: ${each.name} is ${shapeText(each.found)} in the file, ${shapeText(each.shape)} in the model`),
    ];
    const counts = `${missing.length} missing, ${unexpected.length} unexpected, ${wrongShape.length} of another shape`;
    super('weights-mismatch', `The file does not hold the weights of model ${model} (${counts}):\n${lines.join('\n')}`);
    this.missing = missing;
    this.unexpected = unexpected;
    this.wrongShape = wrongShape;
  }
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
