/**
 * The limits of vitest.shared.ts in milliseconds, by who has them. They are for what hangs only: with
 * a shorter one, other work on the machine makes a test fail.
 */
const SHARED = { test: 900_000, poll: 300_000 };

/** What takes a time limit as its last argument, or as the property `timeout` of an object. */
const LIMITED =
  /^(?:it|test|describe|suite|beforeAll|beforeEach|afterAll|afterEach|onTestFinished|onTestFailed)$/;

/** The names in a callee, first to last: `it` and `each` of `it.each(rows)`, from inside out. */
function namesOf(node) {
  if (node.type === 'Identifier') return [node.name];
  if (node.type === 'CallExpression') return namesOf(node.callee);
  if (node.type === 'TaggedTemplateExpression') return namesOf(node.tag);
  if (node.type !== 'MemberExpression' || node.computed) return [];
  return [...namesOf(node.object), node.property.name];
}

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
    // Other functions are called describe, too.
    const ofVitest = new Set();
    return {
      ImportDeclaration({ source, specifiers }) {
        if (source.value === 'vitest') for (const { local } of specifiers) ofVitest.add(local.name);
      },
      CallExpression(node) {
        const [first, second] = namesOf(node.callee);
        if (!ofVitest.has(first)) return;
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
