import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Application, type ProjectReflection, ReflectionKind } from 'typedoc';
import { dist, repositoryUrl, root } from '../repository.ts';
import { table } from './markdown-text.ts';

/** An entry of a published package: import specifier, and the file with its declarations. */
interface Entry {
  name: string;
  types: string;
}

/** The entries of all published packages that have declarations. */
function publishedEntries(): Entry[] {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((folder) => {
      const manifest = join(root, group, folder, 'package.json');
      if (!existsSync(manifest)) return [];
      const { name, exports = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
        name: string;
        exports?: Record<string, { types?: string }>;
      };
      return Object.entries(exports).flatMap(([path, { types }]) =>
        types === undefined
          ? []
          : [{ name: name + path.slice(1), types: join(root, group, folder, types) }],
      );
    }),
  );
}

/**
 * Writes one page that lists the entries, for a build without the pages of the entries: it links to
 * the committed reports of what each exports.
 */
export async function makeApiOverview(to: string): Promise<void> {
  const rows = publishedEntries().map(({ name, types }) => {
    const folder = relative(root, types).replaceAll('\\', '/').split('/').slice(0, 2).join('/');
    const [, entry = 'index'] = new RegExp('^(?:@[^/]+/)?[^/]+/(.+)$').exec(name) ?? [];
    const report = `${folder}/api/${entry.replaceAll('/', '-')}.api.md`;
    return [`[\`${name}\`](${repositoryUrl}/blob/main/${report})`];
  });
  const text = `# API\n\nWhat each entry of a package exports. The published site has a page for each.\n\n${table(['entry'], rows)}\n`;
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'index.md'), text);
}

/**
 * Writes a page for each entry, with everything that it exports, from the built declarations: they
 * contain the comments and none of the code, so reading them takes seconds.
 */
export async function makeApiPages(to: string): Promise<void> {
  const entries = publishedEntries();
  const tsconfig = join(dist, 'tsconfig.api.json');
  await mkdir(to, { recursive: true });
  await writeFile(
    tsconfig,
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'ES2023',
        lib: ['ES2023', 'DOM'],
        strict: true,
        skipLibCheck: true,
        types: [],
      },
      files: entries.map(({ types }) => types),
    }),
  );
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(({ types }) => types),
    tsconfig,
    plugin: ['typedoc-plugin-markdown'],
    router: 'module',
    readme: 'none',
    name: 'API',
    disableSources: true,
    disableGit: true,
    skipErrorChecking: true,
    excludePrivate: true,
    excludeExternals: true,
    githubPages: false,
    logLevel: 'Warn',
    validation: { notExported: false, invalidLink: false, notDocumented: false },
    outputs: [{ name: 'markdown', path: to }],
    // Of typedoc-plugin-markdown.
    ...{
      hidePageHeader: true,
      hideBreadcrumbs: true,
      useCodeBlocks: false,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      typeAliasPropertiesFormat: 'table',
      typeDeclarationFormat: 'table',
      propertyMembersFormat: 'table',
      enumMembersFormat: 'table',
      indexFormat: 'table',
      // Who declared a property matters less than a table that fits the page.
      tableColumnSettings: { hideInherited: true, hideOverrides: true },
      entryFileName: 'index',
    },
  });
  const project = await app.convert();
  if (!project) throw new Error('The declarations cannot be read.');
  nameModules(project, entries);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('The comments have links that lead nowhere; see the warnings above.');
}

/** Names the modules as they are imported. typedoc names them by their files. */
function nameModules(project: ProjectReflection, entries: readonly Entry[]): void {
  const names = new Map(
    entries.map(({ name, types }) => [
      relative(root, types)
        .replaceAll('\\', '/')
        .replace(/\.d\.ts$/, ''),
      name,
    ]),
  );
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const name = names.get(module.name) ?? names.get(`${module.name}/index`);
    if (name === undefined) throw new Error(`No package has the module ${module.name}.`);
    module.name = name;
  }
}
