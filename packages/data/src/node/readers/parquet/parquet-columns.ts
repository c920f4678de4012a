import { FixresDataError } from '../../../errors.ts';
import { severalLabelKeys } from '../../dataset/label-keys.ts';
import { asObject, jsonObject } from '../../files/small-file.ts';
import type { ParquetFile } from './parquet-file.ts';

type Column = ParquetFile['schema'];

/** The columns of a Parquet file that make a data set; each is the path to a leaf. */
export interface ParquetColumns {
  image: string[];
  /** Other columns that could be the image. */
  otherImages: string[];
  /** Names of the images' files, if they are stored beside the bytes. */
  path: string[] | undefined;
  label: string[];
  /** Whether the label is a list. */
  isList: boolean;
  /** Class names, by class number. */
  classNames: string[] | undefined;
}

/** Names of columns without metadata, most likely first. */
const IMAGES = ['image', 'img', 'image_bytes', 'picture', 'photo'];
const LABELS = ['label', 'class', 'labels'];

/**
 * Finds the image and the label. The types that the Hugging Face library stores in the file come
 * first: `Image` and `ClassLabel`. Without them, an image is a struct with `bytes`, or a column of
 * bytes; a label is called `label`, `class` or `labels`.
 *
 * @param labelKey the column that the user wants as the label
 * @param multiLabel whether the label can be a list
 * @throws FixresDataError `bad-layout` naming the columns, `bad-option` if several could be the label
 */
export function parquetColumns(
  file: ParquetFile,
  labelKey: string | undefined,
  multiLabel: boolean,
): ParquetColumns {
  const columns = file.schema.children;
  const names = columns.map(({ element }) => element.name);
  const named = `${file.file} has the columns ${names.slice(0, 20).join(', ')}`;
  const features = featuresOf(file);
  const ofType = (type: string): string[] =>
    names.filter((name) => asObject(features[name])?._type === type);

  const typed = ofType('Image');
  const images = (typed.length > 0 ? typed : columns.filter(canBeImage).map(nameOf)).sort(
    (a, b) => rank(IMAGES, a) - rank(IMAGES, b),
  );
  const [image, ...otherImages] = images;
  if (image === undefined)
    throw new FixresDataError(
      'bad-layout',
      `${named}, and none with images; expected encoded images as bytes, or as "bytes" and "path".`,
    );

  const classLabels = multiLabel
    ? names.filter((name) => classLabelOf(features[name]) !== undefined)
    : ofType('ClassLabel');
  if (labelKey === undefined && classLabels.length > 1 && !classLabels.includes('label'))
    throw new FixresDataError(
      'bad-option',
      `${file.file} has several columns that could be the class: ${classLabels.toSorted().join(', ')}; select the one with the class (option "labelKey").`,
    );
  const labels = classLabels.length > 0 ? classLabels : names;
  const key =
    labelKey ??
    (classLabels.length === 1
      ? classLabels[0]
      : (multiLabel ? severalLabelKeys : LABELS).find((name) => labels.includes(name)));
  const label = columns.find((column) => nameOf(column) === key);
  if (!label)
    throw new FixresDataError(
      'bad-layout',
      `${named}, and ${labelKey === undefined ? 'no label or class' : `none called "${labelKey}"`}; select the one with the class (option "labelKey").`,
    );
  const wrong =
    names.indexOf(nameOf(label)) < names.lastIndexOf(nameOf(label))
      ? 'exists twice'
      : (multiLabel ? listLeaf(label) === undefined : label.children.length > 0)
        ? multiLabel
          ? 'has structs'
          : 'has lists or structs'
        : key === image
          ? 'has the images'
          : undefined;
  if (wrong !== undefined)
    throw new FixresDataError(
      'bad-layout',
      `The column "${key}" of ${file.file} ${wrong}; a label is text or a whole number${multiLabel ? ', or a list of them' : ''}.`,
    );
  const path = listLeaf(label) ?? [nameOf(label)];
  const classNames = classLabelOf(features[nameOf(label)])?.names;
  const struct = columns.find((column) => nameOf(column) === image)!.children.map(nameOf);
  return {
    image: struct.includes('bytes') ? [image, 'bytes'] : [image],
    otherImages,
    path: struct.includes('path') ? [image, 'path'] : undefined,
    label: path,
    isList: path.length > 1 || label.element.repetition_type === 'REPEATED',
    classNames: Array.isArray(classNames) ? classNames.map(String) : undefined,
  };
}

/** The features that the Hugging Face library describes in the file's metadata. */
export function featuresOf({ metadata }: ParquetFile): Record<string, unknown> {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  return asObject(asObject(jsonObject(text ?? '')?.info)?.features) ?? {};
}

/** The `ClassLabel` of a feature, or of the values of a list. */
export function classLabelOf(feature: unknown): Record<string, unknown> | undefined {
  // Earlier versions of the library write a list as [feature].
  const { _type: type, feature: inner } = asObject(feature) ?? {};
  if (Array.isArray(feature)) return classLabelOf(feature[0]);
  if (type === 'ClassLabel') return asObject(feature);
  return inner === undefined ? undefined : classLabelOf(inner);
}

/**
 * The path from a column to its values, in a column of values or of lists of them; undefined for structs
 * and for lists of lists.
 */
export function listLeaf(column: Column): string[] | undefined {
  const path = [nameOf(column)];
  let { element, children } = column;
  let lists = element.repetition_type === 'REPEATED' ? 1 : 0;
  while (children.length === 1) {
    ({ element, children } = children[0]!);
    if (element.repetition_type === 'REPEATED') lists += 1;
    path.push(element.name);
  }
  return children.length === 0 && lists === (path.length > 1 ? 1 : lists) ? path : undefined;
}

function canBeImage({ element, children }: Column): boolean {
  if (children.length > 0)
    return children.some((child) => nameOf(child) === 'bytes' && isBytes(child));
  return isBytes({ element, children });
}

function isBytes({ element, children }: Pick<Column, 'element' | 'children'>): boolean {
  const { type, converted_type: converted, logical_type: logical } = element;
  return (
    children.length === 0 &&
    type === 'BYTE_ARRAY' &&
    converted === undefined &&
    logical === undefined &&
    element.repetition_type !== 'REPEATED'
  );
}

function nameOf({ element }: Column): string {
  return element.name;
}

/** Place of a name in a list; unknown names come last. */
function rank(list: readonly string[], name: string): number {
  const place = list.indexOf(name);
  return place === -1 ? list.length : place;
}
