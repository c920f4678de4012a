/**
 * The packages and files that each part of the repository may import, as ESLint configurations. If
 * several apply to a file, the last one replaces the others, so each lists everything it forbids.
 * Tests are exempt: they compare parts with each other.
 */

const tests = ['**/*.test.ts', '**/fixtures/**'];

/**
 * A rule against imports. With `types`, type imports are allowed: they do not exist at run time.
 */
function forbid(regex, message, { types = false } = {}) {
  return { regex, message, allowTypeImports: types };
}

/** The same rule for `import()`, which no-restricted-imports does not look at. */
function forbidAtRunTime({ regex, message }) {
  const source = regex.replaceAll('/', String.raw`\/`);
  return { selector: `ImportExpression[source.value=/${source}/]`, message };
}

const room = (files, patterns, ignores = []) => ({
  files,
  ignores: [...tests, ...ignores],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
    'no-restricted-syntax': ['error', ...patterns.map(forbidAtRunTime)],
  },
});

const pastExports = forbid(
  String.raw`^(?:\.\./)+(?:packages|apps|testing|examples|(?!\.\.)[^/]+/(?:src|dist|server|client))/|^@fixres/[^/]+/(?:src|dist)/`,
  'Import another package by its name, and only what its exports field has.',
);
const testing = forbid('^@fixres/testing$', 'Only tests use @fixres/testing.');
const apps = forbid('^(?:fixres|@fixres/dashboard)(?:/|$)', 'No package imports an app.');
const siblings = forbid(
  '^(?:fixres$|@fixres/)',
  'data, models, finetune and engine do not import each other; runner combines them.',
);
const nodeModules = forbid('^node:', 'Code that needs Node belongs behind ./node.');
const nodeFolder = forbid('/node/', 'Code that needs Node belongs behind ./node.');
const nodePackages = forbid(
  '^(?:sharp|yauzl|tar|proper-lockfile)$',
  'This package needs Node. Code that needs Node belongs behind ./node.',
);
const withoutNode = [nodeModules, nodeFolder, nodePackages];
const tensorFlow = forbid('^@tensorflow/', 'runs loads no TensorFlow.js.');
const lightEntries = forbid(
  '^@fixres/(?!data$|[^/]+/names$|finetune/settings$)',
  'runs takes values only from @fixres/data, @fixres/*/names and @fixres/finetune/settings.',
  { types: true },
);
const everywhere = [pastExports, testing];
const runs = [...everywhere, apps, tensorFlow, lightEntries];

export const rooms = [
  room(
    [
      'packages/*/src/**/*.ts',
      'apps/*/{src,server,shared,client}/**/*.{ts,tsx}',
      'examples/src/**/*.ts',
    ],
    everywhere,
  ),
  room(['packages/engine/src/**/*.ts'], [...everywhere, siblings]),
  room(
    ['packages/engine/src/engine-name.ts', 'packages/engine/src/wasm/**/*.ts'],
    [...everywhere, siblings, ...withoutNode],
  ),
  room(['packages/{data,models,finetune}/src/node/**/*.ts'], [...everywhere, siblings]),
  room(
    ['packages/{data,models,finetune}/src/**/*.ts'],
    [...everywhere, siblings, ...withoutNode],
    ['packages/*/src/node/**'],
  ),
  room(['packages/runs/src/node/**/*.ts'], runs),
  room(['packages/runs/src/**/*.ts'], [...runs, ...withoutNode], ['packages/runs/src/node/**']),
  room(
    ['packages/runs/src/report/**/*.ts'],
    [
      ...runs,
      ...withoutNode,
      forbid('^@fixres/data$', 'A report is made from what was recorded.', { types: true }),
    ],
  ),
  room(['packages/runner/src/node/**/*.ts'], [...everywhere, apps]),
  room(
    ['packages/runner/src/**/*.ts'],
    [...everywhere, apps, ...withoutNode],
    ['packages/runner/src/node/**'],
  ),
  room(
    ['apps/dashboard/{client,shared}/**/*.{ts,tsx}'],
    [
      ...everywhere,
      nodeModules,
      forbid(
        '/server/|^@fixres/(?:[^/]+/node(?:/.+)?|runs/read|engine)$|^sharp$',
        'The client runs in a browser, without Node.',
        { types: true },
      ),
    ],
  ),
];
