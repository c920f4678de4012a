import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

/**
 * They replace modules or the environment, load an engine in another way, or test that nothing is
 * loaded yet.
 */
const alone = [
  'src/setup/*.test.ts',
  'src/native/*.test.ts',
  'src/entries.test.ts',
  'src/use-engine.test.ts',
];

// Lists of a project are added to those of the configuration that it extends.
const { include = [], ...common } = shared.test!;

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...common,
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // Nothing else outlives a test here, so the other files load TensorFlow.js and its engines once.
      { extends: true, test: { name: 'sharing', include, exclude: alone, isolate: false } },
    ],
  },
};

export default config;
