import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

/** Writes down every module that is imported. */
const hooks = `
import { appendFileSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(process.env.MODULES, resolved.url + '\\n');
  return resolved;
}`;

async function modulesOf(args: readonly string[]): Promise<string[]> {
  const folder = await temporaryFolder();
  const [hooksFile, register, modules] = ['hooks.mjs', 'register.mjs', 'modules.txt'].map((name) => join(folder, name)) as [string, string, string];
  await writeFile(hooksFile, hooks);
  await writeFile(register, `import { register } from 'node:module';\nregister(${JSON.stringify(pathToFileURL(hooksFile))});`);
  const { code, stderr } = await runCli(args, { env: { NODE_OPTIONS: `--import=${pathToFileURL(register).href}`, MODULES: modules } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (await readFile(modules, 'utf8')).split('\n');
}

const heavy = /@tensorflow|tfjs|\/sharp\/|\/zod\/|@clack|\/hono\/|packages\/(data|models|finetune|engine)\/|dashboard\/dist|runner\/dist\/(node\/)?index/;

it.each(['--help', 'train --help', 'completion bash', '--version'])('loads nothing heavy for %s', async (line) => {
  const modules = await modulesOf(line.split(' '));
  expect(modules.filter((url) => heavy.test(url))).toEqual([]);
  expect(modules.some((url) => url.includes('/commander/'))).toBe(true);
});

it('would see what a command loads', async () => {
  expect((await modulesOf(['doctor', '--json'])).some((url) => heavy.test(url))).toBe(true);
});

it('lists runs without TensorFlow.js', async () => {
  const folder = await temporaryFolder();
  expect((await modulesOf(['ls', folder, '--json'])).filter((url) => heavy.test(url))).toEqual([]);
});
