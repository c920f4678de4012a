import type { OnnxGraph } from '../graph/onnx-graph.ts';
import type { GraphValue, LayerCall, LayerTranslator } from '../layer-call.ts';
import { windowPadding } from './window-padding.ts';

interface PoolSettings {
  poolSize: number | number[];
  strides: number | number[];
  padding: 'same' | 'valid';
  dataFormat?: 'channelsFirst' | 'channelsLast';
}

function pool(op: 'AveragePool' | 'MaxPool'): LayerTranslator {
  return ({ graph, path, config, inputs: [value], outputShape }) => {
    const settings = config as unknown as PoolSettings;
    const [window, strides] = [[settings.poolSize].flat(), [settings.strides].flat()];
    const isFirst = settings.dataFormat === 'channelsFirst';
    const sides = isFirst ? value!.shape.slice(2) : value!.shape.slice(1, -1);
    const given = graph.as(value!, !isFirst);
    const x = op === 'MaxPool' ? withBorder(graph.graph, given, path) : given;
    // Padding is not counted in an average, as in TensorFlow.
    const name = graph.graph.add(op, [x], path, {
      kernel_shape: window,
      strides,
      ...windowPadding({
        sides,
        window,
        strides,
        dilations: window.map(() => 1),
        padding: settings.padding,
      }),
    });
    return { name, shape: outputShape, channelsFirst: !isFirst };
  };
}

/**
 * ONNX Runtime 1.30 loses zeros that are added just before a maximum
 * (findings/onnxruntime-pad-max-pool.sh). A maximum of one value, which changes nothing, prevents this.
 */
function withBorder(graph: OnnxGraph, x: string, path: string): string {
  const isPadded = graph.nodes.some(({ op, outputs }) => op === 'Pad' && outputs[0] === x);
  if (!isPadded) return x;
  return graph.add('Max', [x], `${path}/border`);
}

function globalPool(
  op: 'GlobalAveragePool' | 'GlobalMaxPool',
  { graph, path, config, inputs: [value], outputShape }: LayerCall,
): GraphValue {
  const isFirst = config.dataFormat === 'channelsFirst';
  const x = graph.as(value!, !isFirst);
  if (config.keepdims === true)
    return {
      name: graph.graph.add(op, [x], path),
      shape: outputShape,
      channelsFirst: !isFirst,
    };
  const pooled = graph.graph.add(op, [x], `${path}/pooled`);
  return {
    name: graph.graph.add('Flatten', [pooled], path, { axis: 1 }),
    shape: outputShape,
    channelsFirst: false,
  };
}

const globalAverage: LayerTranslator = (call) => globalPool('GlobalAveragePool', call);
const globalMax: LayerTranslator = (call) => globalPool('GlobalMaxPool', call);

export const poolings: Readonly<Record<string, LayerTranslator>> = {
  AveragePooling1D: pool('AveragePool'),
  AveragePooling2D: pool('AveragePool'),
  AveragePooling3D: pool('AveragePool'),
  MaxPooling1D: pool('MaxPool'),
  MaxPooling2D: pool('MaxPool'),
  MaxPooling3D: pool('MaxPool'),
  GlobalAveragePooling1D: globalAverage,
  GlobalAveragePooling2D: globalAverage,
  GlobalMaxPooling1D: globalMax,
  GlobalMaxPooling2D: globalMax,
  KerasGlobalPooling: (call) => (call.config.kind === 'max' ? globalMax : globalAverage)(call),
};
