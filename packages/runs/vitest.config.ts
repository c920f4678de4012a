import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/** They replace modules, which would stay replaced in later files of the same process. */
const mocking = [
  'src/node/files/full-disk.test.ts',
  'src/node/lock/run-lock.interleavings.test.ts',
  'src/node/run-folder.kills.test.ts',
];

// Lists of a project are added to those of the configuration that it extends.
const { include = [], ...common } = shared.test!;

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...common,
    projects: [
      { extends: true, test: { name: 'mocking', include: mocking } },
      // Nothing else outlives a test here, so the other files share their imports.
      { extends: true, test: { name: 'sharing', include, exclude: mocking, isolate: false } },
    ],
  },
};

export default config;
