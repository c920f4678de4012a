import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

const config: ViteUserConfig = {
  ...shared,
  // Every test selects its engine, so the files share a process: TensorFlow.js and its engines are
  // loaded once, which takes half a second of processor time for each file otherwise.
  test: { ...shared.test, isolate: false },
};

export default config;
