import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // The test of a long training measures what is held, not what is still to be collected.
  test: { ...shared.test, execArgv: ['--expose-gc'] },
};

export default config;
