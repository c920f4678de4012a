import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...shared.test,
    // Most tests start the command line and wait for it; three keep two cores busy.
    maxWorkers: 3,
    // Where the engine is not the subject: on two cores it trains a tiny model in half the processor time of the native one, which
    // compiles a graph for each arm. Tests of the native engine say so.
    env: { ...shared.test?.env, FIXRES_ENGINE: 'wasm' },
  },
};

export default config;
