import { FixresDataError } from '../../../errors.ts';
import { asObject, jsonObject } from '../../files/small-file.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { labelOfSeveral, listRow, type ListRow } from './list-row.ts';

/**
 * Reads the annotations of COCO: `images` with `file_name`, `annotations` that give an image a
 * category, and `categories` with names. The label of an image is the name of its category; boxes and
 * outlines are ignored.
 *
 * @param file how errors refer to the file
 * @throws FixresDataError `bad-layout` naming the annotation, `limit-exceeded`
 */
export function* cocoRows(text: string, file: string, limits: ReaderLimits): Generator<ListRow> {
  const content = jsonObject(text) ?? {};
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
  for (const [i, category] of categories.entries()) {
    const { id, name } = asObject(category) ?? {};
    if (typeof name !== 'string' || name.trim() === '')
      throw new FixresDataError('bad-layout', `Category ${i + 1} of ${file} has no name.`);
    names.set(id, name);
  }
  const labels = new Map<unknown, Set<string>>(
    images.map((image) => [asObject(image)?.id, new Set()]),
  );
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
  for (const [i, image] of images.entries()) {
    const { id, file_name: path } = asObject(image) ?? {};
    const row = listRow(i + 1, `Image ${i + 1} of ${file}`, { path, label: undefined });
    yield { ...row, label: labelOfSeveral(labels.get(id)!) };
  }
}
