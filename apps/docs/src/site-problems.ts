import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

/**
 * Links of a built site that lead nowhere, and what its pages would load from other hosts.
 *
 * @param folder with the pages as HTML
 * @param base the path at which the site is served, with a slash at both ends
 */
export async function siteProblems(folder: string, base: string): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true }))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.html'));
  const pages = new Map(
    await Promise.all(
      files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const),
    ),
  );
  const ids = new Map(Array.from(pages, ([file, html]) => [file, idsOf(html)]));
  return Array.from(pages, ([file, html]) => [
    ...linksOf(html).flatMap((link) => deadLink(link, file) ?? []),
    ...loadedBy(html)
      .filter((address) => /^(?:[a-z]+:)?\/\//.test(address))
      .map((address) => `${file} loads ${address}`),
  ]).flat();

  function deadLink(link: string, file: string): string | undefined {
    // Other hosts, and data in the address itself.
    if (/^(?:[a-z]+:|\/\/)/.test(link)) return undefined;
    const [path = '', anchor] = decodeURI(link).split('#', 2);
    if (path.startsWith('/') && !path.startsWith(base))
      return `${file} links to ${link}, which is not below ${base}`;
    const inFolder = path.startsWith('/')
      ? path.slice(base.length)
      : posix.join(posix.dirname(file), path);
    const target = path === '' ? file : inFolder;
    const page = [target, `${target}.html`, posix.join(target, 'index.html')].find(
      (each) => pages.has(each) || (/\.(?!html$)\w+$/.test(each) && existsSync(join(folder, each))),
    );
    if (page === undefined) return `${file} links to ${link}, which does not exist`;
    if (anchor && pages.has(page) && !ids.get(page)!.has(anchor))
      return `${file} links to ${link}, and that page has no such anchor`;
    return undefined;
  }
}

const attribute = (html: string, pattern: RegExp): string[] =>
  Array.from(html.matchAll(pattern), ([, value]) => value!.replaceAll('&amp;', '&'));

const idsOf = (html: string): Set<string> => new Set(attribute(html, /\sid="([^"]+)"/g));

const linksOf = (html: string): string[] => attribute(html, /<a\s[^>]*?href="([^"]*)"/g);

/** Addresses of scripts, pictures, frames, style sheets, fonts and what is preloaded. */
const loadedBy = (html: string): string[] => [
  ...attribute(html, /<(?:script|img|iframe|source|video|audio)\s[^>]*?src="([^"]*)"/g),
  ...attribute(html, /<link\s[^>]*?href="([^"]*)"/g),
];
