import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CliResult, runCli, temporaryFolder } from './run-cli.ts';

/** Records every imported module. */
const hooks = `
import { appendFileSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(process.env.MODULES, resolved.url + '\\n');
  return resolved;
}`;

/** The modules of each chunk of the command line, as `scripts/bundle.mjs` writes them. */
const chunks = new URL('../dist/bundle/', import.meta.url).href;
const bundled = JSON.parse(await readFile(new URL('modules.json', chunks), 'utf8')) as Record<
  string,
  string[]
>;

export interface Started extends CliResult {
  /** URLs of the loaded modules; those of a chunk as `bundle:/PATH`, with the path in the repository. */
  modules: string[];
}

/**
 * Runs the built command line in a process of its own, and records the modules that it loads.
 *
 * @param begin code that runs before the command line
 */
export async function startRecording(args: readonly string[], begin = ''): Promise<Started> {
  const folder = await temporaryFolder();
  const [hooksFile, register, modules] = ['hooks.mjs', 'register.mjs', 'modules.txt'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFile(hooksFile, hooks);
  await writeFile(
    register,
    `import { register } from 'node:module';\nregister(${JSON.stringify(pathToFileURL(hooksFile))});\n${begin}`,
  );
  const result = await runCli(args, {
    env: { NODE_OPTIONS: `--import=${pathToFileURL(register).href}`, MODULES: modules },
  });
  const loaded = (await readFile(modules, 'utf8')).trimEnd().split('\n');
  return {
    ...result,
    modules: loaded.flatMap(
      (url) => bundled[url.replace(chunks, '')]?.map((path) => `bundle:/${path}`) ?? url,
    ),
  };
}
