import { imageSizeText, type PreprocessingContract } from '@fixres/data';
import type { ArmRecord } from '@fixres/runs';
import { count, counted } from '@fixres/runs/report';
import type { ExportCertificate } from './certificate/certificate.ts';
import { certificateText } from './certificate/certificate-text.ts';

/** What a model card states. */
export interface HubModelCardOptions {
  /** Name of the format. */
  format: string;
  /** Name of the model. */
  name: string;
  classNames: readonly string[] | undefined;
  contract: PreprocessingContract | undefined;
  /** The run that trained it, if it is known and these are the weights it evaluated. */
  trained?:
    | {
        dataset: string;
        /** Numbers of images. */
        images: { train: number; heldOut: number };
        arm: Pick<ArmRecord, 'name' | 'ownEvaluation'> & {
          evaluations: readonly Pick<
            ArmRecord['evaluations'][number],
            'policy' | 'size' | 'accuracy' | 'ci95' | 'total' | 'multiLabel'
          >[];
        };
        seeds: number;
      }
    | undefined;
  certificate: ExportCertificate;
}

/** Formats that the Keras library reads. */
const kerasFormats = new Set(['keras', 'keras-weights']);

/** More classes than a reader looks at; all are in `fixres.json`. */
const MOST_CLASSES = 20;

const WIDE_KERNELS =
  "The kernels use 8 bits. On an x64 processor without VNNI, their sums overflow unless ONNX Runtime's session option `session.x64quantprecision` is 1.";

/**
 * A model card in the hub's format: metadata in YAML, then Markdown. What only the model's author
 * knows is left to fill in: the licence, the origin of the photos, and the purpose.
 */
export function hubModelCard(options: HubModelCardOptions): string {
  const { format, name, classNames = [], contract, trained, certificate } = options;
  const metadata = {
    license: 'unknown',
    library_name: kerasFormats.has(format) ? 'keras' : 'fixres',
    pipeline_tag: 'image-classification',
    tags: ['image-classification', 'fixres', format],
    ...(trained && { metrics: metricsOf(trained), 'model-index': [modelIndex(name, trained)] }),
  };
  // Values in JSON are values in YAML.
  const lines = Object.entries(metadata).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const more = classNames.length - MOST_CLASSES;
  const listed = classNames.slice(0, MOST_CLASSES).map(inline).join(', ');
  const classes = `${classNames.length} classes: ${listed}${more > 0 ? `, and ${more} more in \`fixres.json\`` : ''}.`;
  const sections = [
    `---\n# Enter the licence, for example apache-2.0.\n${lines.join('\n')}\n---`,
    `# ${inline(name)}`,
    `An image classifier, exported by fixres as ${format}.${classNames.length > 0 ? ` It has ${classes}` : ''}`,
    ...(contract ? [`## Preprocessing\n\n${preprocessing(contract, certificate.exported)}`] : []),
    ...(trained ? [`## Accuracy\n\n${accuracy(trained)}`] : []),
    `## Export\n\n\`\`\`\n${certificateText(certificate)}\n\`\`\`${certificate.exported.kernelBits === 8 ? `\n\n${WIDE_KERNELS}` : ''}`,
    `## Purpose and data\n\n${trained ? `${dataOf(trained)}\n\n` : ''}Enter what the model is for, where the photos come from, and what it should not be used for.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Names of the hub's metrics. */
function metricsOf({
  arm: { evaluations },
}: NonNullable<HubModelCardOptions['trained']>): string[] {
  return evaluations.some(({ multiLabel }) => multiLabel)
    ? ['mean_average_precision', 'accuracy']
    : ['accuracy'];
}

function modelIndex(
  name: string,
  { dataset, arm: { evaluations } }: NonNullable<HubModelCardOptions['trained']>,
): object {
  return {
    name,
    results: [
      {
        task: { type: 'image-classification', name: 'Image Classification' },
        dataset: { type: datasetType(dataset), name: dataset },
        metrics: evaluations.flatMap(({ policy, size, accuracy: value, multiLabel }) => [
          ...(multiLabel?.meanAveragePrecision
            ? [
                {
                  type: 'mean_average_precision',
                  name: `mAP at ${imageSizeText(size)} pixels, ${policy}`,
                  value: multiLabel.meanAveragePrecision.mean,
                },
              ]
            : []),
          {
            type: 'accuracy',
            name: `${multiLabel ? 'exact sets of labels' : 'top-1'} at ${imageSizeText(size)} pixels, ${policy}`,
            value,
          },
        ]),
      },
    ],
  };
}

/** The hub wants an identifier of ASCII characters. */
function datasetType(dataset: string): string {
  const words = dataset.toLowerCase().match(/[a-z0-9]+/g) ?? ['custom'];
  return words.join('-');
}

function preprocessing(
  { input }: PreprocessingContract,
  exported: ExportCertificate['exported'],
): string {
  const size = `${input.height} x ${input.width} pixels`;
  if (exported.input === 'bytes')
    return 'The model takes JPEG and PNG files, and decodes and prepares them itself.';
  if (exported.input === 'levels')
    return 'The model takes decoded images of any size, as uint8, and prepares them itself.';
  if (exported.input === 'resized')
    return `The model takes levels from 0 to 255, ${size}, and normalises them itself. \`fixres.json\` states how images are resized and cropped.`;
  return `The model takes images of ${size} as float32, ${exported.layout}. \`fixres.json\` states how they are resized, cropped and normalised.`;
}

function accuracy({ dataset, arm, seeds }: NonNullable<HubModelCardOptions['trained']>): string {
  const percent = (value: number): string => (100 * value).toFixed(2);
  const isMultiLabel = arm.evaluations.some(({ multiLabel }) => multiLabel);
  const rows = arm.evaluations.map(
    ({ policy, size, accuracy: value, ci95, total, multiLabel }, i) => {
      const own = i === arm.ownEvaluation ? ' (its own)' : '';
      const precision = multiLabel?.meanAveragePrecision;
      const mean = isMultiLabel ? `| ${precision ? `${percent(precision.mean)} %` : ''} ` : '';
      return `| ${imageSizeText(size)} | ${policy}${own} ${mean}| ${percent(value)} % | ${percent(ci95[0])} to ${percent(ci95[1])} | ${total} |`;
    },
  );
  const pooled = seeds === 1 ? '' : `, pooled over the models of ${seeds} seeds`;
  return [
    `${isMultiLabel ? 'Mean average precision and subset accuracy (exactly the right labels)' : 'Top-1 accuracy'} of the arm \`${inline(arm.name)}\` in fixres, on held-out images of ${inline(dataset)}${pooled}. The interval is Wilson's${isMultiLabel ? ', of the subset accuracy' : ''}.`,
    '',
    isMultiLabel
      ? '| image size | test policy | mAP | exact | 95 % interval | predictions |'
      : '| image size | test policy | top-1 | 95 % interval | predictions |',
    `| ---: | --- | ${isMultiLabel ? '---: | ' : ''}---: | ---: | ---: |`,
    ...rows,
  ].join('\n');
}

/** Also for the model that a run was given, which it did not train. */
function dataOf({ dataset, images }: NonNullable<HubModelCardOptions['trained']>): string {
  return `Data of the run: ${inline(dataset)}, ${counted(images.train, 'image')} to train on and ${count(images.heldOut)} held out.`;
}

/** A text from outside in one line of Markdown. */
function inline(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`);
}
