import type { PreprocessingContract } from '@fixres/data';
import { outputActivation } from '@fixres/models';
import { type OnnxGraph, onnxFromModel } from '@fixres/models/onnx';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../errors.ts';
import { requireCalibration } from '../quantisation/require-calibration.ts';
import { toHalfPrecision } from './half-precision.ts';
import { quantisedValues, quantiseGraph } from './quantise-graph.ts';
import { type RunCalibration, valueRanges } from './value-ranges.ts';
import { addPreprocessing } from './preprocessing-nodes.ts';

export interface ExportOnnxOptions {
  /**
   * How images are prepared for the model; without it, channels are the last axis of its input. With
   * it, the output is probabilities: a softmax, or the sigmoid of a multi-label contract, is added to a model
   * that ends in logits.
   */
  contract?: PreprocessingContract | undefined;
  /** Order of the axes of the input. Default: the contract's. */
  layout?: 'NHWC' | 'NCHW' | undefined;
  /**
   * Needs a contract. Whether the graph also resizes, crops and normalises: its input `levels` is then uint8, images
   * of any size. Otherwise its input `images` is what the model takes, float32.
   */
  preprocessing?: boolean | undefined;
  /** Of the weights. `int8` also quantises what flows between layers. Default `float32`. */
  precision?: 'float32' | 'float16' | 'int8' | undefined;
  /** Runs a graph on training images, with `int8`. */
  calibrate?: RunCalibration | undefined;
  /**
   * How many bits of a kernel are used, with `int8`. 8 are more precise, but ONNX Runtime's sums then overflow on x64
   * processors without VNNI, unless its session option `session.x64quantprecision` is 1. Default 7.
   */
  kernelBits?: 7 | 8 | undefined;
}

/**
 * A classifier as an ONNX graph, with the parts of its contract that are requested.
 *
 * @param model remains owned by the caller, and is only read
 * @throws FixresModelsError `unsupported-model`; FixresRunnerError `bad-option`
 */
export async function exportOnnx(
  model: LayersModel,
  {
    contract,
    layout = contract?.layout ?? 'NHWC',
    preprocessing = false,
    precision = 'float32',
    calibrate,
    kernelBits,
  }: ExportOnnxOptions = {},
): Promise<OnnxGraph> {
  if (preprocessing && contract === undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Option --with-preprocessing needs a model that states its preprocessing; this one has no contract.',
    );
  requireCalibration(precision, calibrate);
  const own = contract?.layout ?? 'NHWC';
  const wanted = preprocessing ? 'NCHW' : layout;
  const graph = await onnxFromModel(model, {
    input: wanted === own ? 'own' : wanted === 'NCHW' ? 'channels-first' : 'channels-last',
  });
  if (contract && outputActivation(model) === 'linear') addActivation(graph, contract);
  if (precision === 'int8' && calibrate)
    quantiseGraph(graph, await valueRanges(graph, quantisedValues(graph), calibrate), kernelBits);
  if (precision === 'float16') toHalfPrecision(graph);
  if (preprocessing && contract) addPreprocessing(graph, contract, layout);
  return graph;
}

/** Converts the logits of the output, [batch, classes], to probabilities. */
function addActivation(graph: OnnxGraph, { head }: PreprocessingContract): void {
  const [output] = graph.outputs;
  const at = graph.nodes.findIndex(({ outputs }) => outputs[0] === output!.name);
  const after = graph.nodes.splice(at);
  const { inputs } = after[0]!;
  after[0]!.inputs = [
    head === undefined
      ? graph.add('Softmax', inputs, 'probabilities', { axis: -1 })
      : graph.add('Sigmoid', inputs, 'probabilities'),
  ];
  graph.nodes.push(...after);
}
