import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...shared.test,
    maxWorkers: 2,
    // What computes is not the subject here; wasm is ready in a fraction of the time that the graphs of the native engine take to load.
    env: { ...shared.test?.env, FIXRES_ENGINE: 'wasm' },
    include: ['{server,shared,client}/**/*.test.ts', 'test/**/*.test.ts'],
  },
};

export default config;
