import { FixresDataError } from '../../../errors.ts';
import { asObject, jsonObject } from '../../files/small-file.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { labelsOfSeveral, listRow, type ListRow } from './list-row.ts';

/**
 * Reads the annotations of COCO: `images` with `file_name`, `annotations` that give an image a
 * category, and `categories` with names. The labels of an image are the names of its categories; boxes and
 * outlines are ignored.
 *
 * @param file how errors refer to the file
 * @throws FixresDataError `bad-layout` naming the annotation, `limit-exceeded`
 */
export function* cocoRows(text: string, file: string, limits: ReaderLimits): Generator<ListRow> {
  const content = jsonObject(text);
  if (!content)
    throw new FixresDataError('bad-layout', `${file} is not a JSON object, or not complete.`);
  const [images, annotations, categories] = ['images', 'annotations', 'categories'].map((key) => {
    const list = content[key];
    if (Array.isArray(list)) return list as unknown[];
    throw new FixresDataError(
      'bad-layout',
      `${file} is not a file of COCO annotations: it has no list "${key}"; expected images, annotations and categories.`,
    );
  }) as [unknown[], unknown[], unknown[]];
  requireFewEntries(Math.max(images.length, annotations.length), limits, file);

  const names = new Map<unknown, string>();
  const categoryIds = new Map<unknown, number>();
  for (const [i, category] of categories.entries()) {
    const { id, name } = asObject(category) ?? {};
    if (typeof name !== 'string' || name.trim() === '')
      throw new FixresDataError('bad-layout', `Category ${i + 1} of ${file} has no name.`);
    requireNewId(id, categoryIds, { kind: 'Category', number: i + 1, file });
    names.set(id, name);
  }
  const imageIds = new Map<unknown, number>();
  const labels = new Map<unknown, Set<string>>();
  const rows = images.map((image, i): ListRow & { id: unknown } => {
    const { id, file_name: path } = asObject(image) ?? {};
    const row = listRow(i + 1, `Image ${i + 1} of ${file}`, { path, label: undefined });
    requireNewId(id, imageIds, { kind: 'Image', number: i + 1, file });
    labels.set(id, new Set());
    return { ...row, id };
  });
  for (const [i, annotation] of annotations.entries()) {
    const { image_id: image, category_id: category } = asObject(annotation) ?? {};
    const ofImage = labels.get(image);
    const name = names.get(category);
    if (!ofImage || name === undefined) {
      const missing = ofImage
        ? `category ${JSON.stringify(category)}`
        : `image ${JSON.stringify(image)}`;
      throw new FixresDataError(
        'bad-layout',
        `Annotation ${i + 1} of ${file} belongs to the ${missing}, which the file does not list.`,
      );
    }
    ofImage.add(name);
  }
  for (const { id, ...row } of rows) yield { ...row, ...labelsOfSeveral(labels.get(id)!) };
}

/**
 * Annotations refer to images and categories by id: with an id for two of them, labels would be wrong.
 *
 * @param seen number of the item with an id
 */
function requireNewId(
  id: unknown,
  seen: Map<unknown, number>,
  { kind, number, file }: { kind: 'Image' | 'Category'; number: number; file: string },
): void {
  const first = seen.get(id);
  seen.set(id, number);
  const isId = typeof id === 'string' || Number.isSafeInteger(id);
  if (isId && first === undefined) return;
  throw new FixresDataError(
    'bad-layout',
    isId
      ? `${kind} ${number} of ${file} has the id ${JSON.stringify(id)}, as ${kind.toLowerCase()} ${first}; every id must be used once.`
      : `${kind} ${number} of ${file} has no id that is text or a whole number.`,
  );
}
