/** What a file imports from vitest. Other functions have the names `describe` and `skip`, too. */
export class VitestNames {
  #names = new Set();

  /** To be called with each ImportDeclaration, which come first. */
  add({ source, specifiers }) {
    if (source.value === 'vitest') for (const { local } of specifiers) this.#names.add(local.name);
  }

  /** The names in a callee, first to last, such as `it` and `each` of `it.each(rows)(…)`; empty if it is not vitest's. */
  namesOf(callee) {
    const names = namesOf(callee);
    return this.#names.has(names[0]) ? names : [];
  }
}

function namesOf(node) {
  if (node.type === 'Identifier') return [node.name];
  if (node.type === 'CallExpression') return namesOf(node.callee);
  if (node.type === 'TaggedTemplateExpression') return namesOf(node.tag);
  if (node.type !== 'MemberExpression' || node.computed) return [];
  return [...namesOf(node.object), node.property.name];
}
