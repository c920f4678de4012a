import { counted, megabytes, percent, textTable } from '@fixres/runs/report';
import type { DatasetFacts, Spread } from './summarize-dataset.ts';

/** Maximum number of names printed of a long list. */
const NAMED = 10;

/** Names of data set formats in messages. */
const formatNames: Readonly<Record<DatasetFacts['format'], string>> = {
  'class-folders': 'class folders',
  metadata: 'images and a file of their classes',
  tfrecord: 'TFRecord files',
  webdataset: 'webdataset shards',
  parquet: 'Parquet files',
  manifest: 'a list of images',
};

/** The facts of a data set as text. */
export function dataInfoText(facts: DatasetFacts): string {
  const {
    dataset,
    images,
    format,
    bytes,
    classes,
    labels,
    parts,
    leftOut,
    warnings,
    sizes,
    formats,
    corrupt,
    duplicates,
    conflictingDuplicates,
  } = facts;
  const imageFormats = Object.entries(formats).map(([name, count]) => `${name} ${count}`);
  const copies = duplicates.reduce((sum, group) => sum + group.length - 1, 0);
  const conflicts =
    conflictingDuplicates === 0
      ? ''
      : `; ${conflictingDuplicates} of the groups have different classes`;
  return [
    `${dataset}: ${images} images, ${classes.length} classes, ${megabytes(bytes / 1e6)}`,
    '',
    textTable(
      ['class', 'images', 'share'],
      classes.map(({ name, images: count }) => [name, String(count), percent(count / images)]),
      [1, 2],
    ),
    ...(sizes
      ? [
          '',
          textTable(
            [counted(sizes.distinct, 'size'), 'least', '10 %', 'median', '90 %', 'most'],
            [
              row('width', sizes.width),
              row('height', sizes.height),
              row('short side', sizes.shortSide),
              row('width / height', sizes.aspectRatio),
            ],
            [1, 2, 3, 4, 5],
          ),
        ]
      : []),
    '',
    `Read as:    ${formatNames[format]}`,
    ...(labels
      ? [
          `Labels:     ${labels.min} to ${labels.max} per image, ${labels.mean.toFixed(2)} on average; ${counted(labels.none, 'image')} ${labels.none === 1 ? 'has' : 'have'} none`,
        ]
      : []),
    `Parts:      ${parts.map(({ name, images: count }) => `${name ?? 'in none'} ${count}`).join(', ') || 'none'}`,
    `Left out:   ${leftOut.length === 0 ? 'nothing' : ''}`.trimEnd(),
    ...listed(leftOut.map(({ what, count, first }) => `${what}: ${count}, the first ${first}`)),
    ...warnings.map((warning) => `Warning:    ${warning}`),
    `Formats:    ${imageFormats.join(', ') || 'none can be read'}`,
    `Damaged:    ${corrupt.length === 0 ? 'none' : `${corrupt.length} of ${images}`}`,
    ...listed(corrupt.map(({ message }) => message)),
    `Duplicates: ${duplicates.length === 0 ? 'none' : `${copies} copies in ${duplicates.length} groups of equal pictures${conflicts}`}`,
    ...listed(duplicates.map((group) => group.join(' = '))),
  ].join('\n');
}

function row(name: string, { min, p10, p50, p90, max }: Spread): string[] {
  return [name, ...[min, p10, p50, p90, max].map(String)];
}

function listed(lines: readonly string[]): string[] {
  const rest = lines.length - NAMED;
  return [
    ...lines.slice(0, NAMED),
    ...(rest > 0 ? [`and ${rest} more (--json lists all)`] : []),
  ].map((line) => `  ${line}`);
}
