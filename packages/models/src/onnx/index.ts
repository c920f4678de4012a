export { encodeOnnx } from './graph/encode-onnx.ts';
export {
  ONNX_OPSET,
  type OnnxAttribute,
  OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from './graph/onnx-graph.ts';
export { onnxFromModel, type OnnxFromModelOptions } from './onnx-from-model.ts';
