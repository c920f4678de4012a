import type { layers, LayersModel } from '@tensorflow/tfjs-layers';

/** The last layer with weights, which computes the logits, also in a nested model. */
export function classifierLayer(model: LayersModel): layers.Layer {
  let layer = model.outputs[0]!.sourceLayer;
  for (;;) {
    if ('layers' in layer) return classifierLayer(layer as unknown as LayersModel);
    const [before] = layer.inboundNodes[0]?.inputTensors ?? [];
    // An input layer is its own input.
    if (layer.weights.length > 0 || before === undefined || before.sourceLayer === layer)
      return layer;
    layer = before.sourceLayer;
  }
}
