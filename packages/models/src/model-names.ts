/** The models by name, one per line. Names are Keras's: lower case, no punctuation. */
const widths = {
  resnet14v2: 64,
  resnet26v2: 64,
  resnet50v2: 64,
  resnet101v2: 64,
  resnet152v2: 64,
  mobilenetv2: 32,
};

/** A name that `createModel` accepts. */
export type ModelName = keyof typeof widths;

/** Channels of the stem in the published models. */
export const stemWidths: Readonly<Record<ModelName, number>> = widths;

/** Allowed stem widths: with 512 channels ResNet152V2 has 3.7 billion parameters. */
export const widthRange = { low: 1, high: 512 } as const;

/** Maximum number of classes of a classifier. ImageNet-21k has 21,841. */
export const classRange = { low: 1, high: 100_000 } as const;

/** All names that `createModel` accepts. */
export const modelNames: readonly ModelName[] = Object.keys(stemWidths) as ModelName[];

/** Whether a string, e.g. from a command line, names a model. */
export function isModelName(name: string): name is ModelName {
  return Object.hasOwn(stemWidths, name);
}

/** The networks of `keras.applications` that are created from their configuration, by Keras's names. */
export const applicationNames = [
  'ConvNeXtTiny',
  'ConvNeXtSmall',
  'ConvNeXtBase',
  'ConvNeXtLarge',
  'ConvNeXtXLarge',
  'DenseNet121',
  'DenseNet169',
  'DenseNet201',
  'EfficientNetB0',
  'EfficientNetB1',
  'EfficientNetB2',
  'EfficientNetB3',
  'EfficientNetB4',
  'EfficientNetB5',
  'EfficientNetB6',
  'EfficientNetB7',
  'EfficientNetV2B0',
  'EfficientNetV2B1',
  'EfficientNetV2B2',
  'EfficientNetV2B3',
  'EfficientNetV2S',
  'EfficientNetV2M',
  'EfficientNetV2L',
  'InceptionV3',
  'InceptionResNetV2',
  'MobileNet',
  'MobileNetV3Small',
  'MobileNetV3Large',
  'NASNetMobile',
  'NASNetLarge',
  'ResNet50',
  'ResNet101',
  'ResNet152',
  'VGG16',
  'VGG19',
  'Xception',
] as const;

export type ApplicationName = (typeof applicationNames)[number];

/** Whether a string, e.g. from a command line, names one of {@link applicationNames}. */
export function isApplicationName(name: string): name is ApplicationName {
  return (applicationNames as readonly string[]).includes(name);
}
