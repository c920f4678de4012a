import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

// Lists of a project are added to those of the configuration that it extends.
const { include: _, ...common } = shared.test!;

/** They replace modules, which would stay replaced in later files of the same process. */
const mocking = ['server/event-log.test.ts', 'server/reading/prediction-store.test.ts'];

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...common,
    maxWorkers: 2,
    // The engine is not the subject of these tests, and wasm is ready in a fraction of the time
    // that the native engine needs to load its graphs.
    env: { ...common.env, FIXRES_ENGINE: 'wasm' },
    projects: [
      { extends: true, test: { name: 'mocking', include: mocking } },
      // Nothing else outlives a test here, so the other files share their imports and a browser's library.
      {
        extends: true,
        test: {
          name: 'sharing',
          include: ['{server,shared,client}/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: mocking,
          isolate: false,
        },
      },
    ],
  },
};

export default config;
