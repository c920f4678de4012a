import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository.ts';

/** Where the site shows a file of the repository. */
export interface Route {
  /** Path of the Markdown file from the root of the repository, with forward slashes. */
  source: string;
  /** Path of the page from the root of the site, with `.md`. */
  page: string;
}

/** Folders of Markdown files that become a folder of the site. New files there become pages. */
const folders = { docs: 'topics', 'docs/results': 'results', 'apps/docs/pages': '' };

/** Folders of packages, whose READMEs become pages. */
const packageFolders = ['packages', 'apps'];

const single: readonly Route[] = [
  { source: 'packages/runs/run-folder.md', page: 'reference/run-folder.md' },
  { source: 'findings/README.md', page: 'project/findings.md' },
  { source: 'CONTRIBUTING.md', page: 'project/contributing.md' },
];

/** Measurements and the work on fixres have their own places. */
const moved: Readonly<Record<string, string>> = {
  'docs/benchmarks.md': 'results/benchmarks.md',
  'docs/how-to-add.md': 'project/how-to-add.md',
  'docs/dependencies.md': 'project/dependencies.md',
};

/** All files of the repository that the site shows. */
export function allRoutes(): Route[] {
  const inFolders = Object.entries(folders).flatMap(([folder, to]) =>
    markdownIn(folder, folder === 'apps/docs/pages').map((name) => {
      const source = `${folder}/${name}`;
      return { source, page: moved[source] ?? (to === '' ? name : `${to}/${name}`) };
    }),
  );
  const readmes = packageFolders.flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => {
      const source = `${folder}/${name}/README.md`;
      // This package's own README is for those who work on the site.
      return name !== 'docs' && existsSync(join(root, source))
        ? [{ source, page: `packages/${name}.md` }]
        : [];
    }),
  );
  return [...inFolders, ...readmes, ...single];
}

function markdownIn(folder: string, recursive: boolean): string[] {
  return readdirSync(join(root, folder), { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replaceAll('\\', '/'))
    .toSorted();
}
