import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

/** What files import by relative paths, types included: a file is read once in a run of lint. */
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

/** Empty for what cannot be read: that an import leads nowhere is for the compiler to report. */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The files from one that is imported back to the one that imports it; null if there is no way back. */
function wayBack(from, to) {
  const cameFrom = new Map([[from, null]]);
  // Files found on the way are appended, so that the shortest cycle is reported.
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
