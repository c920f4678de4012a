import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import { readClassNames } from './class-list.ts';

/** File beside webdataset shards with the class names in order, one per line, as OpenCLIP names it. */
export const CLASS_NAMES_FILE = 'classnames.txt';

/** The class names in the folder's {@link CLASS_NAMES_FILE}; undefined if there is no such file. */
export async function classNamesIn(folder: string): Promise<string[] | undefined> {
  const file = join(folder, CLASS_NAMES_FILE);
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  return exists ? readClassNames(file) : undefined;
}

/** @throws FixresDataError `bad-option` if a name has several lines */
export async function writeClassNames(folder: string, names: readonly string[]): Promise<void> {
  const wrong = names.find((name) => /[\r\n]/.test(name));
  if (wrong !== undefined)
    throw new FixresDataError(
      'bad-option',
      `The class ${JSON.stringify(wrong)} has a line break, which "${CLASS_NAMES_FILE}" cannot contain.`,
    );
  await writeFile(join(folder, CLASS_NAMES_FILE), names.map((name) => `${name}\n`).join(''));
}
