import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  // The licences of the page's packages.
  '.md': 'text/markdown; charset=utf-8',
};

/** A file of the page. */
export interface PageFile {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  /** Whether its name changes with its content. */
  immutable: boolean;
}

/**
 * Reads the built page into memory, by URL path (`/` is `index.html`). Requests are looked up here
 * and never become a path of the file system.
 */
export async function loadPageFiles(folder: string): Promise<Map<string, PageFile>> {
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const bytes = new Uint8Array(await readFile(join(folder, name)));
    const path = name === 'index.html' ? '/' : `/${name.split(sep).join('/')}`;
    files.set(path, { bytes, type, immutable: path.startsWith('/assets/') });
  }
  return files;
}
