import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = dirname(fileURLToPath(import.meta.url));

/** What a file imports at run time; types are gone by then. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
  return [
    ...text.matchAll(
      /^(?:import|export)\b[^;]*?\bfrom '([^']+)';|^import '([^']+)';|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!);
}

function reachableFrom(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) visit(join(dirname(file), name));
      else packages.add(name);
    }
  };
  visit(entry);
  return { files, packages };
}

describe('the entries', () => {
  it('the one for pages needs no package and nothing of Node', () => {
    const { files, packages } = reachableFrom(join(source, 'index.ts'));
    expect(files.size).toBeGreaterThan(20);
    expect([...packages]).toEqual([]);
    const text = [...files].map((file) => readFileSync(file, 'utf8')).join('\n');
    expect(text).not.toMatch(/\b(Buffer|process|require|__dirname)\b[.(]/);
  });

  it('no file imports TensorFlow.js: batches are typed arrays', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(60);
    expect(
      files
        .flatMap((name) => importsOf(join(source, name)))
        .filter((name) => name.includes('tensorflow')),
    ).toEqual([]);
    expect([...reachableFrom(join(source, 'node', 'index.ts')).packages]).toContain('sharp');
  });
});
