import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // Nothing here outlives a test, neither an engine nor what is registered with TensorFlow.js; the files share what they import.
  test: { ...shared.test, isolate: false },
};

export default config;
