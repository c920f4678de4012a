import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository. Sources and built files are equally deep in the package. */
export const root: string = findRoot();

/** The folder into which this package is built. */
export const dist: string = fileURLToPath(new URL('apps/docs/dist/', rootUrl()));

/** The public address of the repository, as published packages state it: `https://…`. */
export const repositoryUrl: string = publicAddress();

function rootUrl(): URL {
  // From src/ or from dist/src/.
  const up = import.meta.url.includes('/apps/docs/dist/') ? '../../../../' : '../../../';
  return new URL(up, import.meta.url);
}

function findRoot(): string {
  return fileURLToPath(rootUrl());
}

function publicAddress(): string {
  const text = readFileSync(new URL('apps/cli/package.json', rootUrl()), 'utf8');
  const { repository } = JSON.parse(text) as { repository: { url: string } };
  return repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
}
