import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

/** Relative imports of files, including types. Each file is read once per lint run. */
const importsByFile = new Map();

function importsOf(file) {
  let imports = importsByFile.get(file);
  if (imports === undefined) {
    imports = [...textOf(file).matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) =>
      resolve(dirname(file), path),
    );
    importsByFile.set(file, imports);
  }
  return imports;
}

/** Empty for unreadable files: the compiler reports imports that do not resolve. */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The files from an imported file back to the importing one; null if there is no such path. */
function wayBack(from, to) {
  const cameFrom = new Map([[from, null]]);
  // Files are appended in the order in which they are found, so the shortest cycle is reported.
  for (const file of cameFrom.keys()) {
    if (file === to) {
      const way = [];
      for (let step = file; step !== null; step = cameFrom.get(step)) way.unshift(step);
      return way;
    }
    for (const next of importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return null;
}

export const noImportCycle = {
  meta: {
    type: 'problem',
    docs: { description: 'disallow files that import each other, also for types only' },
    schema: [],
    messages: { cycle: 'Import cycle: {{files}}.' },
  },
  create(context) {
    const check = (node) => {
      const path = node.source?.value;
      if (typeof path !== 'string' || !path.startsWith('.')) return;
      const folder = dirname(context.filename);
      const way = wayBack(resolve(folder, path), context.filename);
      if (way === null) return;
      const files = [context.filename, ...way].map((file) => relative(context.cwd, file));
      context.report({ node, messageId: 'cycle', data: { files: files.join(' → ') } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
