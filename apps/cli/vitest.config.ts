import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...shared.test,
    // Most tests start the command line and wait for it; three workers keep two cores busy.
    maxWorkers: 3,
    // The files of a worker share it, and with it the process that runs commands: runWarm of @fixres/testing.
    isolate: false,
    // For tests in which the engine does not matter: on two cores, wasm trains a tiny model in half
    // the processor time of the native engine, which compiles a graph for each arm. Tests of the
    // native engine select it.
    env: { ...shared.test?.env, FIXRES_ENGINE: 'wasm' },
  },
};

export default config;
