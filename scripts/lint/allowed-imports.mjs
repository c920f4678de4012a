import { join, relative, sep } from 'node:path';
import { forbiddenImports } from './rooms.mjs';

const root = join(import.meta.dirname, '..', '..');

/** Whether an import or a re-export disappears when types are removed. */
function isOfTypes({ importKind, exportKind, specifiers = [] }) {
  if (importKind === 'type' || exportKind === 'type') return true;
  return (
    specifiers.length > 0 &&
    specifiers.every((each) => each.importKind === 'type' || each.exportKind === 'type')
  );
}

export const allowedImports = {
  meta: {
    type: 'problem',
    docs: { description: 'disallow imports that rooms.mjs forbids for the file' },
    schema: [],
  },
  create(context) {
    const forbidden = forbiddenImports(relative(root, context.filename).replaceAll(sep, '/'));
    const check = (node) => {
      const path = node.source?.value;
      if (typeof path !== 'string') return;
      for (const { path: pattern, message, types } of forbidden)
        if (pattern.test(path) && !(types && isOfTypes(node)))
          context.report({ node, message: `'${path}' is not allowed here. ${message}` });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
