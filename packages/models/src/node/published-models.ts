import { applicationWeights } from '../weights/application-weights.ts';
import { type ApplicationName, applicationNames } from '../model-names.ts';
import { application } from './applications.ts';

/** Weights trained on ImageNet that the Keras project hosts, and what is published about them. */
export interface PublishedModel {
  /** A name of `createModel` or of `keras.applications`. */
  arch: string;
  /** MobileNetV2 only: factor of all widths. */
  alpha?: number;
  /** Side in pixels of the images that the weights were trained or evaluated at. */
  imageSize: number;
  /** Numbers in all arrays, with the classifier of 1000 classes. */
  parameters: number;
  /** Percent of ImageNet's validation images with the right class; null: not published. */
  top1: number | null;
  /** Percent with the right class among five. */
  top5: number | null;
  /** Null: the documentation does not state one. */
  licence: 'Apache-2.0' | 'BSD' | 'BSD-3-Clause' | 'CC-BY-4.0' | 'MIT' | null;
  url: string;
  /** Hex MD5 or SHA-256; null: none is published. */
  hash: string | null;
}

type Accuracy = readonly [top1: number, top5: number | null];

/**
 * Table of https://keras.io/api/applications; MobileNetV3: TensorFlow's documentation of
 * `tf.keras.applications.MobileNetV3Large`.
 */
const accuracies: Readonly<
  Partial<Record<ApplicationName | (typeof resNets)[number][0], Accuracy>>
> = {
  resnet50v2: [76.0, 93.0],
  resnet101v2: [77.2, 93.8],
  resnet152v2: [78.0, 94.2],
  ConvNeXtTiny: [81.3, null],
  ConvNeXtSmall: [82.3, null],
  ConvNeXtBase: [85.3, null],
  ConvNeXtLarge: [86.3, null],
  ConvNeXtXLarge: [86.7, null],
  DenseNet121: [75.0, 92.3],
  DenseNet169: [76.2, 93.2],
  DenseNet201: [77.3, 93.6],
  EfficientNetB0: [77.1, 93.3],
  EfficientNetB1: [79.1, 94.4],
  EfficientNetB2: [80.1, 94.9],
  EfficientNetB3: [81.6, 95.7],
  EfficientNetB4: [82.9, 96.4],
  EfficientNetB5: [83.6, 96.7],
  EfficientNetB6: [84.0, 96.8],
  EfficientNetB7: [84.3, 97.0],
  EfficientNetV2B0: [78.7, 94.3],
  EfficientNetV2B1: [79.8, 95.0],
  EfficientNetV2B2: [80.5, 95.1],
  EfficientNetV2B3: [82.0, 95.8],
  EfficientNetV2S: [83.9, 96.7],
  EfficientNetV2M: [85.3, 97.4],
  EfficientNetV2L: [85.7, 97.5],
  InceptionV3: [77.9, 93.7],
  InceptionResNetV2: [80.3, 95.3],
  MobileNet: [70.4, 89.5],
  MobileNetV3Small: [68.1, null],
  MobileNetV3Large: [75.6, null],
  NASNetMobile: [74.4, 91.9],
  NASNetLarge: [82.5, 96.0],
  ResNet50: [74.9, 92.1],
  ResNet101: [76.4, 92.8],
  ResNet152: [76.6, 93.1],
  VGG16: [71.3, 90.1],
  VGG19: [71.3, 90.0],
  Xception: [79.0, 94.5],
};

/** Documentation of `keras.applications` in Keras 2.2; later families are not in it. */
const licences: readonly (readonly [RegExp, NonNullable<PublishedModel['licence']>])[] = [
  [/^resnet\d+v2$/, 'BSD'],
  [/^(?:ResNet\d+|Xception)$/, 'MIT'],
  [/^VGG/, 'CC-BY-4.0'],
  [/^DenseNet/, 'BSD-3-Clause'],
  [/^(?:mobilenetv2|MobileNet|NASNet\w+|InceptionV3|InceptionResNetV2)$/, 'Apache-2.0'],
];

const resNets = [
  ['resnet50v2', 25_613_800],
  ['resnet101v2', 44_675_560],
  ['resnet152v2', 60_380_648],
] as const;

/**
 * MobileNetV2 by width and image size, from TensorFlow's documentation of
 * `tf.keras.applications.mobilenet_v2`.
 */
const mobileNets: readonly {
  alpha: number;
  parameters: number;
  sizes: Readonly<Record<number, Accuracy>>;
}[] = [
  { alpha: 1.4, parameters: 6_156_712, sizes: { 224: [75.0, 92.5] } },
  { alpha: 1.3, parameters: 5_431_048, sizes: { 224: [74.4, 92.1] } },
  {
    alpha: 1,
    parameters: 3_538_984,
    sizes: {
      224: [71.8, 91.0],
      192: [70.7, 90.1],
      160: [68.8, 89.0],
      128: [65.3, 86.9],
      96: [60.3, 83.2],
    },
  },
  {
    alpha: 0.75,
    parameters: 2_663_064,
    sizes: {
      224: [69.8, 89.6],
      192: [68.7, 88.9],
      160: [66.4, 87.3],
      128: [63.2, 85.3],
      96: [58.8, 81.6],
    },
  },
  {
    alpha: 0.5,
    parameters: 1_987_224,
    sizes: {
      224: [65.4, 86.4],
      192: [63.9, 85.4],
      160: [61.0, 83.2],
      128: [57.7, 80.8],
      96: [51.2, 75.8],
    },
  },
  {
    alpha: 0.35,
    parameters: 1_691_208,
    sizes: {
      224: [60.3, 82.9],
      192: [58.2, 81.2],
      160: [55.7, 79.1],
      128: [50.8, 75.0],
      96: [45.5, 70.4],
    },
  },
];

/**
 * All weights that `fetchKerasWeights` can download, with the classifier of ImageNet's 1000
 * classes, and what their documentation publishes about them.
 */
export async function publishedModels(): Promise<PublishedModel[]> {
  const facts = (
    arch: string,
    [top1, top5]: Accuracy | readonly [null, null] = [null, null],
  ): Pick<PublishedModel, 'top1' | 'top5' | 'licence'> => ({
    top1,
    top5,
    licence: licences.find(([names]) => names.test(arch))?.[1] ?? null,
  });
  return [
    ...resNets.map(([arch, parameters]) => ({
      arch,
      imageSize: 224,
      parameters,
      ...facts(arch, accuracies[arch]),
      ...applicationWeights(arch),
    })),
    ...mobileNets.flatMap(({ alpha, parameters, sizes }) =>
      Object.entries(sizes)
        .map(([size, accuracy]) => ({
          arch: 'mobilenetv2',
          alpha,
          imageSize: Number(size),
          parameters,
          ...facts('mobilenetv2', accuracy),
          ...applicationWeights('mobilenetv2', { alpha, size: Number(size) }),
        }))
        .reverse(),
    ),
    ...(await Promise.all(
      applicationNames.map(async (arch) => ({
        arch,
        ...(await application(arch)),
        ...facts(arch, accuracies[arch]),
      })),
    )),
  ];
}
