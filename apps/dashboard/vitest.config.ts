import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...shared.test,
    maxWorkers: 2,
    // The engine is not the subject of these tests, and wasm is ready in a fraction of the time
    // that the native engine needs to load its graphs.
    env: { ...shared.test?.env, FIXRES_ENGINE: 'wasm' },
    include: ['{server,shared,client}/**/*.test.ts', 'test/**/*.test.ts'],
  },
};

export default config;
