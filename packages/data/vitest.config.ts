import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // Nothing outlives a test here, neither an engine nor TensorFlow.js registrations, so the files
  // share their imports.
  test: { ...shared.test, isolate: false },
};

export default config;
