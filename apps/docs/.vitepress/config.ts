import { readFileSync } from 'node:fs';
import { slug } from 'github-slugger';
import { defineConfig, type DefaultTheme, type UserConfig } from 'vitepress';

const readJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

const { repository } = readJson('../../cli/package.json') as { repository: { url: string } };

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'fixres',
  description: 'Train image classifiers with the FixRes recipe, in TypeScript',
  lang: 'en',
  // Where the site is served: with a slash at both ends.
  base: process.env.FIXRES_DOCS_BASE ?? '/',
  srcDir: 'dist/pages',
  outDir: 'dist/site',
  cacheDir: 'dist/cache',
  // Anchors as GitHub makes them, which shows the same files.
  markdown: {
    anchor: { slugify: slug },
    // The default ones have too little contrast on the background of code.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // Code by indentation is shown like other code, which the keyboard can scroll.
    config: ({ renderer: { rules } }) => {
      rules.code_block = (...args) => rules.fence!(...args);
    },
  },
  // The page of a run on this machine exists only while it runs.
  ignoreDeadLinks: 'localhostLinks',
  transformPageData: ({ frontmatter, relativePath }) => {
    // Pages that are made from the code have no source to edit.
    if (frontmatter.editUrl === undefined) frontmatter.editLink = false;
    // The style of their tables on a phone. Those of the API have more columns.
    if (/^reference\/(?!api\/)/.test(relativePath)) frontmatter.pageClass = 'reference';
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/start/getting-started' },
      { text: 'Reference', link: '/reference/command-line/' },
      { text: 'Results', link: '/results/flowers-seeds' },
      { text: 'Project', link: '/project/architecture' },
    ],
    sidebar: readJson('../dist/sidebars.json') as DefaultTheme.SidebarMulti,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        // The index contains only words, so the code that is read for it gets no colours.
        _render: (source, env, markdown) => {
          const { highlight } = markdown.options;
          markdown.options.highlight = null;
          try {
            return markdown.render(source, env);
          } finally {
            markdown.options.highlight = highlight;
          }
        },
      },
    },
    socialLinks: [{ icon: 'github', link: repository.url.replace(/^git\+|\.git$/g, '') }],
    editLink: {
      pattern: ({ frontmatter }) => String(frontmatter.editUrl),
      text: 'Edit this page',
    },
    docFooter: { prev: false, next: false },
    notFound: {
      title: 'Page not found',
      quote: 'The address is wrong, or the page has moved. The search finds pages by their words.',
      // The default label of the link is not its text, which axe reports.
      linkText: 'To the start page',
      linkLabel: 'To the start page',
    },
  },
});

export default config;
