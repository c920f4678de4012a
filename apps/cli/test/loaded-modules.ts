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

export interface Started extends CliResult {
  /** URLs of the loaded modules. */
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
  return { ...result, modules: (await readFile(modules, 'utf8')).trimEnd().split('\n') };
}
