import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // Most tests start the command line and wait for it.
  test: { ...shared.test, maxWorkers: 2 },
};

export default config;
