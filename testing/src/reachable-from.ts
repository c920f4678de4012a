import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The imports of a file at run time, without types.
 *
 * @param lazy whether modules are included that are loaded on use, with `import()`
 */
export function importsOf(file: string, lazy = true): string[] {
  const text = readFileSync(file, 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
  return [
    ...text.matchAll(
      /^(?:import|export)\b[^;]*?\bfrom '([^']+)';|^import '([^']+)';|\bimport\('([^']+)'\)/gm,
    ),
  ].flatMap(([, from, bare, dynamic]) => from ?? bare ?? (lazy ? dynamic! : []));
}

/**
 * The source files that an entry loads at run time, including itself, and the packages and Node
 * modules that they need.
 *
 * @param lazy whether modules are included that are loaded on use
 */
export function reachableFrom(
  entry: string,
  lazy = true,
): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const name of importsOf(file, lazy)) {
      if (name.startsWith('.')) visit(join(dirname(file), name));
      else packages.add(name);
    }
  };
  visit(entry);
  return { files, packages };
}
