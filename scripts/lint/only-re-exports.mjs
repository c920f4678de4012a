export const onlyReExports = {
  meta: {
    type: 'problem',
    docs: { description: 'require that a file contains only named re-exports' },
    schema: [],
    messages: { other: 'An index.ts contains only named re-exports.' },
  },
  create: (context) => ({
    Program({ body }) {
      for (const node of body)
        if (node.type !== 'ExportNamedDeclaration' || !node.source)
          context.report({ node, messageId: 'other' });
    },
  }),
};
