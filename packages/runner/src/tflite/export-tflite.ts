import type { PreprocessingContract } from '@fixres/data';
import { type TfliteGraph, tfliteFromOnnx } from '@fixres/models/tflite';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { type RunCalibration, valueRanges } from '../onnx/value-ranges.ts';
import { requireCalibration } from '../quantisation/require-calibration.ts';
import { toHalfWeights } from './half-weights.ts';
import { quantiseTflite } from './quantise-tflite.ts';

export interface ExportTfliteOptions {
  /**
   * How images are prepared for the model, and their size. With it, the output is probabilities: a
   * softmax is added to a model that ends in logits.
   */
  contract?: PreprocessingContract | undefined;
  /** Of the weights. `int8` also quantises what flows between layers. Default `float32`. */
  precision?: 'float32' | 'float16' | 'int8' | undefined;
  /** Runs the model as an ONNX graph on training images, with `int8`. */
  calibrate?: RunCalibration | undefined;
}

/**
 * A classifier as a graph of TensorFlow Lite. Its input `images` is float32 with channels last,
 * prepared as the contract states.
 *
 * @param model remains owned by the caller, and is only read
 * @throws FixresModelsError `unsupported-model`; FixresRunnerError `bad-option`
 */
export async function exportTflite(
  model: LayersModel,
  { contract, precision = 'float32', calibrate }: ExportTfliteOptions = {},
): Promise<TfliteGraph> {
  requireCalibration(precision, calibrate);
  const graph = await exportOnnx(model, { contract, layout: 'NHWC' });
  const input = contract?.input;
  const tflite = tfliteFromOnnx(graph, { sides: input && [input.height, input.width] });
  if (precision === 'int8' && calibrate) {
    const outputs = tflite.ops.flatMap((op) => op.outputs);
    const names = [...tflite.inputs, ...outputs].flatMap(({ value }) => value ?? []);
    quantiseTflite(tflite, await valueRanges(graph, [...new Set(names)], calibrate));
  }
  if (precision === 'float16') toHalfWeights(tflite);
  return tflite;
}
