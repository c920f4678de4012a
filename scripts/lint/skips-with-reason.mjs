import { VitestNames } from './vitest-names.mjs';

const SKIPS = /^(?:skip|skipIf|runIf|todo)$/;

const TESTS = /^(?:it|test|describe|suite)$/;

export const skipsWithReason = {
  meta: {
    type: 'problem',
    docs: { description: 'disallow ways to skip a test that give the report no reason' },
    schema: [],
    messages: {
      skip: 'npm test could not report why. Give the test a tag of testing/src/requirements.ts, or call skipWithout of @fixres/testing in it.',
    },
  },
  create(context) {
    const vitest = new VitestNames();
    const report = (node) => context.report({ node, messageId: 'skip' });
    return {
      ImportDeclaration: (node) => vitest.add(node),
      MemberExpression(node) {
        if (!SKIPS.test(node.property.name)) return;
        // Of the context that a running test is given, under its usual names.
        if (TESTS.test(vitest.namesOf(node)[0]) || /^(?:context|ctx)$/.test(node.object.name))
          report(node);
      },
      CallExpression(node) {
        if (node.callee.name === 'skip') report(node);
        if (!TESTS.test(vitest.namesOf(node.callee)[0])) return;
        for (const { properties = [] } of node.arguments)
          for (const { key } of properties) if (SKIPS.test(key?.name ?? key?.value)) report(node);
      },
    };
  },
};
