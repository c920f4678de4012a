import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';

/**
 * Built into `dist/client`, which is packed with the server. Source maps would double the package.
 */
const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('client', import.meta.url)),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('dist/client', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // The policy of the page forbids inline styles and scripts, and data: fetches.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    // The licences of the page's packages must be distributed with it; NOTICE.md refers to this
    // file. Its name must not start with "licence": pnpm would treat it as the package's own and
    // not pack the workspace's LICENSE.
    license: { fileName: 'third-party-notices.md' },
  },
});

export default config;
