import { existsSync } from 'node:fs';
import { defaultCacheFolder } from '@fixres/engine';
import { type PublishedModel, publishedModels, weightsPlace } from '@fixres/models/node';
import { megabytes, textTable } from '@fixres/runs/report';
import { grouped } from '../terminal/grouped.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Lists published weights, and which of them are in the cache. */
export async function models({ json = false }: { json?: boolean }): Promise<void> {
  const cacheFolder = defaultCacheFolder();
  const found = (await publishedModels()).map((model) => ({
    ...model,
    bytes: BYTES * model.parameters,
    downloaded: existsSync(weightsPlace(cacheFolder, model.url)),
  }));
  new Terminal().result(json ? JSON.stringify({ models: found }) : text(found));
}

/** The files have float32 numbers, and little else. */
const BYTES = 4;

type Listed = PublishedModel & { bytes: number; downloaded: boolean };

function text(found: readonly Listed[]): string {
  const percent = (value: number | null): string => (value === null ? '-' : value.toFixed(1));
  const rows = found.map((model) => [
    model.alpha === undefined ? model.arch : `${model.arch} --alpha ${model.alpha}`,
    String(model.imageSize),
    grouped(model.parameters),
    megabytes(model.bytes / 1e6),
    percent(model.top1),
    percent(model.top5),
    model.licence ?? '-',
    model.downloaded ? 'yes' : '',
  ]);
  const header = [
    '--arch',
    '--image-size',
    'parameters',
    'size',
    'top-1 %',
    'top-5 %',
    'licence',
    'downloaded',
  ];
  return [
    textTable(header, rows, [1, 2, 3, 4, 5]),
    'Weights trained on ImageNet, hosted by the Keras project: fixres import keras imagenet --arch <name> --out <folder>',
    'Accuracy on the validation images: keras.io/api/applications; MobileNetV2 and V3: documentation of tf.keras.applications.',
    'Licence of the weights: documentation of Keras 2.2. "-": not published there.',
  ].join('\n');
}
