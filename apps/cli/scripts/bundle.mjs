// Bundles the built command line into dist/bundle, because Node loads a few large modules faster
// than hundreds of small ones. The programming interface (dist/index.js) is not bundled: it shares
// its modules with what a program imports from @fixres/*.
//
//   node scripts/bundle.mjs
//
// Beside the chunks it writes modules.json, the modules of each chunk, for tests, and
// third-party-notices.md, the licences of the packages in the chunks.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const own = fileURLToPath(new URL('..', import.meta.url));
const repository = join(own, '..', '..');
const bundle = join(own, 'dist', 'bundle');

/** Threads and processes that start from a file of this name in the bundle. */
const threads = {
  'batch-worker': 'packages/data/dist/node/loader/batch-worker.js',
  'need-process': 'packages/runner/dist/node/memory/need-process.js',
};
const entries = {
  main: 'apps/cli/dist/main.js',
  'run-program': 'apps/cli/dist/command-line/run-program.js',
  ...threads,
};

const commands = 'apps/cli/dist/commands';
const program = 'apps/cli/dist/command-line/run-program.js';
const inference = [
  'packages/runner/dist/node/inference.js',
  'apps/cli/dist/predict/model-at-size.js',
];

/**
 * Chunks, in order. Each has what the modules `of` import statically (and those of `and` too), unless an
 * earlier chunk has it; so no chunk loads a later one, and a command loads TensorFlow.js only if its
 * modules do. Rolldown divides the rest.
 */
const chunks = {
  names: { of: [program], and: [`${commands}/predict.js`, `${commands}/train.js`] },
  program: { of: [program] },
  completion: { of: [`${commands}/completion.js`] },
  tools: {
    of: [`${commands}/doctor.js`],
    and: [`${commands}/predict.js`, `${commands}/compare.js`],
  },
  runs: { of: [`${commands}/ls.js`] },
  reading: { of: [threads['batch-worker']] },
  predict: { of: [`${commands}/predict.js`] },
  metrics: { of: inference, and: [`${commands}/compare.js`] },
  results: { of: [`${commands}/compare.js`] },
  engine: { of: ['packages/engine/dist/index.js'] },
  inference: { of: inference },
  finetune: { of: ['packages/finetune/dist/index.js'] },
  models: { of: ['packages/models/dist/index.js'] },
  machine: { of: [`${commands}/doctor.js`] },
  training: { of: [`${commands}/train.js`, `${commands}/run.js`] },
};

/** Dependencies of this package that are not bundled: native code, large, or with files of their own. */
const external = /^(?:sharp|h5wasm|open|onnxruntime-node|@litertjs\/core|@julusian\/jpeg-turbo)$/;

/** The path of a module in the repository, with `/`; undefined for a virtual module. */
function pathOf(id) {
  const path = relative(repository, id).split(sep).join('/');
  return id.startsWith('\0') || path.startsWith('..') ? undefined : path;
}

/**
 * Requires TensorFlow.js, which is CommonJS on Node. When it is imported, Node compiles it to see whether it
 * is CommonJS, then reads the names of its exports, then compiles it again: 0.25 s more.
 */
const requireTfjs = {
  name: 'require-tfjs',
  resolveId(id, importer) {
    if (external.test(id)) return { id, external: true };
    if (!id.startsWith('@tensorflow/')) return undefined;
    return importer?.startsWith('\0tfjs:') ? { id, external: true } : `\0tfjs:${id}`;
  },
  load(id) {
    return id.startsWith('\0tfjs:')
      ? `module.exports = require(${JSON.stringify(id.slice('\0tfjs:'.length))});`
      : undefined;
  },
};

/**
 * Gives each module the `import.meta.url` that it has in its own package, by which it finds files,
 * dependencies and programs. Only `threads` start from the bundle.
 */
const keepAddresses = {
  name: 'keep-addresses',
  transform(code, id) {
    const [, kind, name, file] = /^(apps|packages)\/([\w-]+)\/(.+)$/.exec(pathOf(id) ?? '') ?? [];
    if (kind === undefined || !code.includes('import.meta.url')) return undefined;
    const address =
      `${kind}/${name}` === 'apps/cli'
        ? `new URL(${JSON.stringify(`../../${file}`)}, import.meta.url).href`
        : `addressIn(${JSON.stringify(`@fixres/${name}`)}, ${JSON.stringify(file)})`;
    let result = code.replaceAll('import.meta.url', address);
    for (const thread of Object.keys(threads))
      result = result.replaceAll(
        `'./${thread}.js'`,
        `new URL('./${thread}.js', import.meta.url).href`,
      );
    return {
      code: `import { addressIn } from ${JSON.stringify('\0address-in')};\n${result}`,
      map: null,
    };
  },
  resolveId: (id) => (id === '\0address-in' ? id : undefined),
  load: (id) =>
    id === '\0address-in'
      ? `import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const require = createRequire(import.meta.url);
export const addressIn = (name, file) =>
  new URL(file, pathToFileURL(require.resolve(\`\${name}/package.json\`))).href;`
      : undefined,
};

/** Assigns each module to one of `chunks`. */
class ChunkNames {
  #names;

  of(id, meta) {
    this.#names ??= this.#assign(meta);
    // An entry is a chunk of its own: others would run it.
    return Object.values(entries).includes(pathOf(id)) ? undefined : this.#names.get(id);
  }

  #assign(meta) {
    const names = new Map();
    for (const [name, { of, and }] of Object.entries(chunks)) {
      const both = and && imported(and, meta);
      for (const id of imported(of, meta))
        if (!names.has(id) && (both?.has(id) ?? true)) names.set(id, name);
    }
    return names;
  }
}

/** Modules, and all that they import statically. @param paths in the repository */
function imported(paths, meta) {
  const found = new Set(paths.map((path) => join(repository, path)));
  for (const id of found) {
    const info = meta.getModuleInfo(id);
    if (info === null) throw new Error(`${id} is not part of the command line`);
    for (const each of info.importedIds) if (meta.getModuleInfo(each)) found.add(each);
  }
  return found;
}

const chunkNames = new ChunkNames();
const built = await rolldown({
  input: Object.fromEntries(
    Object.entries(entries).map(([name, path]) => [name, join(repository, path)]),
  ),
  cwd: own,
  platform: 'node',
  plugins: [requireTfjs, keepAddresses],
});
rmSync(bundle, { recursive: true, force: true });
const { output } = await built.write({
  dir: bundle,
  format: 'es',
  chunkFileNames: '[name].js',
  // Licences are in third-party-notices.md.
  comments: false,
  codeSplitting: {
    groups: Object.keys(chunks).map((name, i, { length }) => ({
      name: (id, context) => (chunkNames.of(id, context) === name ? name : null),
      debugName: name,
      priority: length - i,
    })),
  },
});
await built.close();

const written = output.filter(({ type }) => type === 'chunk');
for (const name of Object.keys(threads))
  if (!written.some(({ code }) => code.includes(`new URL("./${name}.js", import.meta.url)`)))
    throw new Error(`nothing starts ${name}.js`);
const modules = Object.fromEntries(
  written.map(({ fileName, moduleIds }) => [
    fileName,
    moduleIds.map((id) => pathOf(id) ?? id.replace('\0', '')),
  ]),
);
writeFileSync(join(bundle, 'modules.json'), JSON.stringify(modules, null, 1));
writeFileSync(join(bundle, 'third-party-notices.md'), noticesOf(Object.values(modules).flat()));

/**
 * Names the packages of these modules, and Rolldown, which adds helpers, with their licences.
 *
 * @throws Error for a package without a licence text
 */
function noticesOf(paths) {
  const folders = [...paths, 'apps/cli/node_modules/rolldown'].flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  const sections = [...new Set(folders)].map((path) => {
    const folder = join(repository, path);
    const { name, version, license } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    const texts = readdirSync(folder)
      .filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8').trim());
    if (texts.length === 0) throw new Error(`${name} has no licence text`);
    // Indented, because a licence may have headings of its own.
    const text = texts.join('\n\n').replaceAll(/^(?=.)/gm, '    ');
    return `## ${name} - ${version} (${license})\n\n${text}\n`;
  });
  return `# Third-party software in these files\n\n${sections.toSorted().join('\n')}`;
}
