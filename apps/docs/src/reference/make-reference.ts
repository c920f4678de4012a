import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { mapLinks, sectionText } from '../pages/markdown.ts';
import { siteLink } from '../pages/gather-pages.ts';
import { allRoutes } from '../pages/routes.ts';
import { root } from '../repository.ts';
import { commandLinePages } from './command-line.ts';
import { errorCodesPage } from './error-codes.ts';
import { eventsPage } from './events.ts';
import { experimentFilePage } from './experiment-file.ts';
import type { JsonSchema } from './json-schema.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readSchema = (name: string): JsonSchema =>
  JSON.parse(read(`packages/runs/${name}.schema.json`)) as JsonSchema;

/** Writes the pages that are made from the built packages. */
export async function makeReference(to: string): Promise<void> {
  const { createProgram, exitCodes } = await commandLine();
  const pages = [
    ...commandLinePages(createProgram(), exitCodes),
    { page: 'experiment-file.md', text: experimentFilePage(readSchema('experiment')) },
    {
      page: 'events.md',
      text: eventsPage(readSchema('events'), read('packages/runs/run-folder.md')),
    },
    { page: 'error-codes.md', text: errorCodesPage(errorSections()) },
  ];
  for (const { page, text } of pages) {
    const file = join(to, page);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** The program of the command line. `fixres` does not export it, because only its own pages need it. */
async function commandLine(): Promise<{
  createProgram: () => Command;
  exitCodes: Readonly<Record<string, number>>;
}> {
  const folder = new URL('dist/command-line/', import.meta.resolve('fixres/package.json'));
  const [{ createProgram }, { exitCodes }] = (await Promise.all(
    ['program.js', 'exit-error.js'].map((file) => import(new URL(file, folder).href)),
  )) as [{ createProgram: () => Command }, { exitCodes: Record<string, number> }];
  return { createProgram, exitCodes };
}

/** What the READMEs of packages contain about their errors. */
function errorSections(): { name: string; errors: string }[] {
  const pages = new Map(allRoutes().map(({ source, page }) => [source, page]));
  return ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => {
      const readme = `${folder}/${name}/README.md`;
      if (!existsSync(join(root, readme))) return [];
      const section = sectionText(read(readme), 'errors');
      if (section === undefined) return [];
      const errors = mapLinks(section, (target) =>
        target.startsWith('#')
          ? `/${pages.get(readme)!}${target}`
          : siteLink(target, readme, pages, new Set()),
      );
      const { name: packageName } = JSON.parse(read(`${folder}/${name}/package.json`)) as {
        name: string;
      };
      return [{ name: packageName, errors }];
    }),
  );
}
