import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { titleOf } from './markdown.ts';

/** An entry of the site's sidebar, as VitePress takes it. */
interface SidebarItem {
  text: string;
  link?: string;
  items?: SidebarItem[];
}

/** The sidebars of a site, by the start of a page's path. */
export type Sidebars = Record<string, SidebarItem[]>;

/** A group of pages: a folder, with the pages that come first. Its other pages follow by title. */
interface Group {
  text: string;
  folder: string;
  first?: readonly string[];
}

interface NamedGroup extends Group {
  names: readonly string[];
}

// Groups that can be collapsed would be shorter, but VitePress nests one button in another there.
const groups: readonly Group[] = [
  { text: 'Start', folder: 'start', first: ['getting-started', 'comparison'] },
  {
    text: 'Concepts',
    folder: 'concepts',
    first: ['discrepancy', 'apparent-size', 'policies', 'batch-normalisation', 'evidence'],
  },
  {
    text: 'Guides',
    folder: 'guides',
    first: ['photos', 'keras', 'pytorch', 'test-size', 'tune', 'report', 'explain', 'export'],
  },
  { text: 'In depth', folder: 'topics' },
  { text: 'Results', folder: 'results' },
  { text: 'Project', folder: 'project', first: ['architecture'] },
];

const referenceGroups: readonly Group[] = [
  {
    text: 'Reference',
    folder: 'reference',
    first: ['experiment-file', 'run-folder', 'events', 'error-codes'],
  },
  { text: 'Command line', folder: 'reference/command-line', first: ['index'] },
  { text: 'API', folder: 'reference/api', first: ['index'] },
  { text: 'Packages', folder: 'packages', first: ['cli', 'dashboard'] },
];

/** The sidebars of all pages in a folder. A page in a folder without a group is an error. */
export function sidebars(pages: string): Sidebars {
  const named = (group: Group): NamedGroup => ({ ...group, names: namesOf(pages, group) });
  const guides = groups.map(named);
  const reference = referenceGroups.map(named);
  const listed = new Set(
    [...guides, ...reference].flatMap(({ folder, names }) =>
      names.map((name) => `${folder}/${name}`),
    ),
  );
  const missing = pagesBelow(pages).filter((page) => page !== 'index' && !listed.has(page));
  if (missing.length > 0)
    throw new Error(`No group of the sidebar has these pages: ${missing.join(', ')}.`);
  const items = ({ text, folder, names }: NamedGroup): SidebarItem => ({
    text,
    items: names.map((name) => ({
      text: titleOf(readFileSync(join(pages, folder, `${name}.md`), 'utf8')) ?? name,
      link: `/${folder}/${name.replace(/(?:^|(?<=\/))index$/, '')}`,
    })),
  });
  const forReference = reference.map(items);
  return { '/reference/': forReference, '/packages/': forReference, '/': guides.map(items) };
}

function namesOf(pages: string, { folder, first = [] }: Group): string[] {
  const place = join(pages, folder);
  if (!existsSync(place)) throw new Error(`The sidebar's folder ${folder} does not exist.`);
  // Only the API has folders in folders, whose pages belong to it.
  const all = folder === 'reference/api' ? pagesBelow(place) : pagesIn(place);
  const absent = first.filter((name) => !all.includes(name));
  if (absent.length > 0) throw new Error(`The sidebar's pages ${absent.join(', ')} do not exist.`);
  return [...first, ...all.filter((name) => !first.includes(name))];
}

function pagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length))
    .toSorted();
}

function pagesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length).replaceAll('\\', '/'))
    .toSorted();
}
