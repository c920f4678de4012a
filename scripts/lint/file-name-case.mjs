import { basename } from 'node:path';

/**
 * Lower-case words with hyphens. The part before the extension may contain dots, as in
 * `run-lock.processes.test.ts`.
 */
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

export const fileNameCase = {
  meta: {
    type: 'suggestion',
    docs: { description: 'require file names in kebab-case' },
    schema: [],
    messages: { notKebabCase: 'File name {{name}} is not in kebab-case.' },
  },
  create: (context) => ({
    Program(node) {
      const name = basename(context.filename);
      if (!KEBAB_CASE.test(name))
        context.report({ node, messageId: 'notKebabCase', data: { name } });
    },
  }),
};
