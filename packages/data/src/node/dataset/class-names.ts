/** Number of pairs that a warning names. */
const NAMED = 3;

/**
 * A class name in its normal form: Unicode NFC, as people type it, without surrounding spaces.
 * macOS writes file names decomposed.
 */
export function classNameOf(text: string): string {
  return text.normalize('NFC').trim();
}

/**
 * Sorts class names in the same way for every source: by value if all are numbers (1, 2, 10; 0.0,
 * 1.0), otherwise by UTF-16 code units. For ASCII names that is the order of Python's `sorted`, and
 * so of Keras, torchvision and the Hugging Face Hub.
 */
export function inClassOrder(names: Iterable<string>): string[] {
  const list = [...names].sort();
  const areNumbers = list.every((name) => /^-?\d{1,15}(\.\d{1,15})?$/.test(name));
  return areNumbers ? list.sort((a, b) => Number(a) - Number(b)) : list;
}

/** Warnings about classes whose names differ only in case, spaces or forms of the same letters. */
export function nearEqualNames(names: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = name.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '');
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  const alike = [...groups.values()].filter((group) => group.length > 1);
  if (alike.length === 0) return [];
  const named = alike
    .slice(0, NAMED)
    .map((group) => group.map((name) => JSON.stringify(name)).join(' and '));
  const rest = alike.length > NAMED ? `, and ${alike.length - NAMED} more` : '';
  return [
    'Classes whose names differ only in case, spaces or letter forms are treated as ' +
      `different classes: ${named.join('; ')}${rest}.`,
  ];
}
