import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  test: {
    ...shared.test,
    maxWorkers: 2,
    include: ['{server,shared,client}/**/*.test.ts', 'test/**/*.test.ts'],
  },
};

export default config;
