import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...shared.test,
    // Every test selects its engine, so the files share a process: TensorFlow.js, its engines and our
    // sources are loaded once, which takes a second of processor time for each file otherwise.
    isolate: false,
    // The test of a long training measures retained memory, not garbage.
    execArgv: [...shared.test!.execArgv!, '--expose-gc'],
  },
};

export default config;
