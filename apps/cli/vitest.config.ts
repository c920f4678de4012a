import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // Most tests start the command line and wait for it; three keep two cores busy.
  test: { ...shared.test, maxWorkers: 3 },
};

export default config;
