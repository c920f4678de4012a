import { VitestNames } from './vitest-names.mjs';

/**
 * The limits of vitest.shared.ts in milliseconds, by who has them. They are for what hangs only: with
 * a shorter one, other work on the machine makes a test fail.
 */
const SHARED = { test: 900_000, poll: 300_000 };

/** What takes a time limit as its last argument, or as the property `timeout` of an object. */
const LIMITED =
  /^(?:it|test|describe|suite|beforeAll|beforeEach|afterAll|afterEach|onTestFinished|onTestFailed)$/;

/** The limits that a call is given, as nodes. */
function limitsOf(args) {
  const ofObjects = args
    .filter(({ type }) => type === 'ObjectExpression')
    .flatMap(({ properties }) => properties)
    .filter(({ key }) => (key?.name ?? key?.value) === 'timeout')
    .map(({ value }) => value);
  return args.length > 1 ? [...ofObjects, args.at(-1)] : ofObjects;
}

export const sharedTimeLimits = {
  meta: {
    type: 'problem',
    docs: { description: 'disallow time limits in tests below the shared ones' },
    schema: [],
    messages: {
      wait: '{{name}} gives up after a second. Use expect.poll, which has the shared limit.',
      limit: 'A limit of {{limit}} ms is below the shared {{shared}} ms: a busy machine breaks it.',
    },
  },
  create(context) {
    const vitest = new VitestNames();
    return {
      ImportDeclaration: (node) => vitest.add(node),
      CallExpression(node) {
        const [first, second] = vitest.namesOf(node.callee);
        if (first === 'vi' && (second === 'waitFor' || second === 'waitUntil')) {
          context.report({ node, messageId: 'wait', data: { name: `vi.${second}` } });
          return;
        }
        const isPoll = first === 'expect' && second === 'poll';
        if (!isPoll && !LIMITED.test(first)) return;
        const shared = isPoll ? SHARED.poll : SHARED.test;
        for (const { type, value } of limitsOf(node.arguments))
          if (type === 'Literal' && typeof value === 'number' && value < shared)
            context.report({ node, messageId: 'limit', data: { limit: value, shared } });
      },
    };
  },
};
