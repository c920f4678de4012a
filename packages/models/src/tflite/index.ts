export { encodeTflite } from './encode-tflite.ts';
export {
  TfliteGraph,
  type TfliteOp,
  type TfliteQuantisation,
  type TfliteTensor,
} from './tflite-graph.ts';
export type { TfliteOperator, TfliteType } from './schema.ts';
export { tfliteFromOnnx, type TfliteFromOnnxOptions } from './tflite-from-onnx.ts';
