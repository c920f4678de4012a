import { existsSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { repositoryUrl, root } from '../repository.ts';
import { mapLinks, sectionText } from './markdown.ts';
import { allRoutes, type Route } from './routes.ts';

/** Gathers the files that the site shows into a folder, with links as the site needs them. */
export async function gatherPages(to: string): Promise<void> {
  const routes = allRoutes();
  const pages = new Map(routes.map(({ source, page }) => [source, page]));
  const pictures = new Set<string>();
  for (const route of routes) {
    const text = withIncludes(
      readFileSync(join(root, route.source), 'utf8'),
      route,
      (source, part) => mapLinks(part, (target) => siteLink(target, source, pages, pictures)),
    );
    const file = join(to, route.page);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, withEditLink(text, `${repositoryUrl}/edit/main/${route.source}`));
  }
  for (const picture of pictures) await cp(join(root, picture), join(to, 'pictures', picture));
}

/** Adds the address at which the page's source can be edited to the page's front matter. */
function withEditLink(text: string, address: string): string {
  const [, given = '', body = text] = /^---\n(.*?)^---\n(.*)$/ms.exec(text) ?? [];
  return `---\n${given}editUrl: ${address}\n---\n\n${body}`;
}

/**
 * Replaces lines `<!-- include: FILE#anchor -->` with that section of the file.
 *
 * @param relink makes the links of a file's text right for the site
 */
export function withIncludes(
  text: string,
  { source }: Pick<Route, 'source'>,
  relink: (source: string, text: string) => string,
): string {
  return text
    .split(/^(<!-- include: .+ -->)$/m)
    .map((part) => {
      const [, file, anchor] = /^<!-- include: (\S+)#(\S+) -->$/.exec(part) ?? [];
      if (file === undefined) return relink(source, part);
      const section = sectionText(readFileSync(join(root, file), 'utf8'), anchor!);
      if (section === undefined)
        throw new Error(`${source} includes ${file}#${anchor}, and there is no such section.`);
      return relink(file, section);
    })
    .join('');
}

const picture = /\.(?:png|svg|jpe?g|webp)$/;

/**
 * The site's link for a link in a file of the repository: to the page that shows the file, to a
 * copied picture, or to the file in the repository.
 *
 * @param source path of the file with the link
 * @param pages page of each file that the site shows
 * @param pictures receives the paths of pictures that are shown
 * @throws Error if the file does not exist
 */
export function siteLink(
  target: string,
  source: string,
  pages: ReadonlyMap<string, string>,
  pictures: Set<string>,
): string {
  // Links within the page, to other hosts, and to generated pages, which VitePress checks.
  if (/^(?:#|\/|[a-z]+:)/.test(target)) return target;
  const [path = '', anchor] = target.split('#', 2);
  const file = posix.join(posix.dirname(source), path).replace(/\/$/, '');
  if (file.startsWith('../') || !existsSync(join(root, file)))
    throw new Error(`${source} links to ${target}, which does not exist.`);
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const page = pages.get(file) ?? pages.get(`${file}/README.md`);
  if (page !== undefined) return `/${page}${hash}`;
  if (picture.test(file)) {
    pictures.add(file);
    return `/pictures/${file}`;
  }
  // The README of the repository is not a page: parts of it are.
  if (file === 'README.md') return hash === '' ? '/' : `${repositoryUrl}${hash}`;
  const kind = statSync(join(root, file)).isDirectory() ? 'tree' : 'blob';
  return `${repositoryUrl}/${kind}/main/${file}${hash}`;
}
