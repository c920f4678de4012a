import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // The test of a long training measures retained memory, not garbage.
  test: { ...shared.test, execArgv: [...shared.test!.execArgv!, '--expose-gc'] },
};

export default config;
