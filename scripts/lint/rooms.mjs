/**
 * The packages and files that each part of the repository may import. If several rooms apply to a
 * file, the last one replaces the others, so each lists everything it forbids. Tests are exempt:
 * they compare parts with each other.
 */

/**
 * An import that is forbidden. With `types`, type imports are allowed: they do not exist at run
 * time.
 */
const forbid = (path, message, { types = false } = {}) => ({ path, message, types });

const pastExports = forbid(
  /^(?:\.\.\/)+(?:packages|apps|testing|examples|(?!\.\.)[^/]+\/(?:src|dist|server|client))\/|^@fixres\/[^/]+\/(?:src|dist)\//,
  'Import another package by its name, and only what its exports field has.',
);
const testing = forbid(/^@fixres\/testing$/, 'Only tests use @fixres/testing.');
const apps = forbid(/^(?:fixres|@fixres\/dashboard)(?:\/|$)/, 'No package imports an app.');
const siblings = forbid(
  /^(?:fixres$|@fixres\/)/,
  'data, models, finetune and engine do not import each other; runner combines them.',
);
const nodeModules = forbid(/^node:/, 'Code that needs Node belongs behind ./node.');
const nodeFolder = forbid(/\/node\//, 'Code that needs Node belongs behind ./node.');
const nodePackages = forbid(
  /^(?:sharp|yauzl|tar|proper-lockfile)$/,
  'This package needs Node. Code that needs Node belongs behind ./node.',
);
const withoutNode = [nodeModules, nodeFolder, nodePackages];
const tensorFlow = forbid(/^@tensorflow\//, 'runs loads no TensorFlow.js.');
const lightEntries = forbid(
  /^@fixres\/(?!data$|[^/]+\/names$|finetune\/settings$)/,
  'runs takes values only from @fixres/data, @fixres/*/names and @fixres/finetune/settings.',
  { types: true },
);
const everywhere = [pastExports, testing];
const runs = [...everywhere, apps, tensorFlow, lightEntries];

const rooms = [
  {
    files: /^(?:packages\/[^/]+\/src|apps\/[^/]+\/(?:src|server|shared|client)|examples\/src)\//,
    forbidden: everywhere,
  },
  { files: /^packages\/engine\/src\//, forbidden: [...everywhere, siblings] },
  {
    files: /^packages\/engine\/src\/(?:engine-name\.ts$|wasm\/)/,
    forbidden: [...everywhere, siblings, ...withoutNode],
  },
  {
    files: /^packages\/(?:data|models|finetune)\/src\/node\//,
    forbidden: [...everywhere, siblings],
  },
  {
    files: /^packages\/(?:data|models|finetune)\/src\/(?!node\/)/,
    forbidden: [...everywhere, siblings, ...withoutNode],
  },
  { files: /^packages\/runs\/src\/node\//, forbidden: runs },
  { files: /^packages\/runs\/src\/(?!node\/)/, forbidden: [...runs, ...withoutNode] },
  {
    files: /^packages\/runs\/src\/report\//,
    forbidden: [
      ...runs,
      ...withoutNode,
      forbid(/^@fixres\/data$/, 'A report is made from what was recorded.', { types: true }),
    ],
  },
  { files: /^packages\/runner\/src\/node\//, forbidden: [...everywhere, apps] },
  {
    files: /^packages\/runner\/src\/(?!node\/)/,
    forbidden: [...everywhere, apps, ...withoutNode],
  },
  {
    files: /^apps\/dashboard\/(?:client|shared)\//,
    forbidden: [
      ...everywhere,
      nodeModules,
      forbid(
        /\/server\/|^@fixres\/(?:[^/]+\/node(?:\/.+)?|runs\/read|engine)$|^sharp$/,
        'The client runs in a browser, without Node.',
        { types: true },
      ),
    ],
  },
];

const exempt = /\.test\.ts$|\/fixtures\//;

/** The imports that a file must not have, by its path from the root, with forward slashes. */
export function forbiddenImports(file) {
  if (exempt.test(file)) return [];
  return rooms.findLast(({ files }) => files.test(file))?.forbidden ?? [];
}
