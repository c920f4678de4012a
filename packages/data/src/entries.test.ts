import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf, reachableFrom } from '@fixres/testing';
import { describe, expect, it } from 'vitest';

const source = dirname(fileURLToPath(import.meta.url));

describe('the package entries', () => {
  it('the browser entry needs nothing from Node, and one package in plain JavaScript', () => {
    const { files, packages } = reachableFrom(join(source, 'index.ts'));
    expect(files.size).toBeGreaterThan(20);
    expect([...packages]).toEqual(['crc-32/crc32c.js']);
    const text = [...files].map((file) => readFileSync(file, 'utf8')).join('\n');
    expect(text).not.toMatch(/\b(Buffer|process|require|__dirname)\b[.(]/);
  });

  it('the entry about the JPEG decoder loads nothing else', () => {
    const { files, packages } = reachableFrom(join(source, 'node', 'jpeg-turbo.ts'));
    expect([...files].map((file) => relative(source, file)).sort()).toEqual([
      'errors.ts',
      join('node', 'decode', 'jpeg-turbo.ts'),
      join('node', 'jpeg-turbo.ts'),
      'printable.ts',
    ]);
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual([]);
  });

  it('no file imports TensorFlow.js, because batches are typed arrays', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(files.length).toBeGreaterThan(60);
    expect(
      files
        .flatMap((name) => importsOf(join(source, name)))
        .filter((name) => name.startsWith('@tensorflow')),
    ).toEqual([]);
    expect([...reachableFrom(join(source, 'node', 'index.ts')).packages]).toContain('sharp');
  });
});
