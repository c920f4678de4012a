/** ResNet50V2 with five classes, as in Keras, built from tfjs-layers' own layers. */
export function stockResNet50V2({ input, layers, model }, size) {
  const norm = (name) => layers.batchNormalization({ epsilon: 1.001e-5, name });
  const conv = (filters, kernelSize, options = {}) =>
    layers.conv2d({ filters, kernelSize, ...options });
  const images = input({ shape: [size, size, 3] });
  let x = layers
    .zeroPadding2d({
      padding: [
        [3, 3],
        [3, 3],
      ],
    })
    .apply(images);
  x = conv(64, 7, { strides: 2 }).apply(x);
  x = layers
    .zeroPadding2d({
      padding: [
        [1, 1],
        [1, 1],
      ],
    })
    .apply(x);
  x = layers.maxPooling2d({ poolSize: 3, strides: 2 }).apply(x);
  for (const [stack, filters, depth] of [
    [2, 64, 3],
    [3, 128, 4],
    [4, 256, 6],
    [5, 512, 3],
  ]) {
    for (let block = 1; block <= depth; block++) {
      const strides = block === depth && stack < 5 ? 2 : 1;
      const name = `conv${stack}_block${block}`;
      const before = layers.reLU({}).apply(norm(`${name}_preact_bn`).apply(x));
      let short = x;
      if (block === 1) short = conv(4 * filters, 1).apply(before);
      else if (strides > 1) short = layers.maxPooling2d({ poolSize: 1, strides }).apply(x);
      let y = conv(filters, 1, { useBias: false }).apply(before);
      y = layers.reLU({}).apply(norm(`${name}_1_bn`).apply(y));
      y = layers
        .zeroPadding2d({
          padding: [
            [1, 1],
            [1, 1],
          ],
        })
        .apply(y);
      y = conv(filters, 3, { strides, useBias: false }).apply(y);
      y = layers.reLU({}).apply(norm(`${name}_2_bn`).apply(y));
      x = layers.add().apply([short, conv(4 * filters, 1).apply(y)]);
    }
  }
  x = layers.reLU({}).apply(norm('post_bn').apply(x));
  x = layers.globalAveragePooling2d({}).apply(x);
  const outputs = layers.dense({ units: 5, activation: 'softmax', name: 'predictions' }).apply(x);
  return model({ inputs: images, outputs });
}
