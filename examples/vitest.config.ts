import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';
import { shared } from '../vitest.shared.ts';

const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({
    test: {
      include: ['src/**/*.test.ts', 'packaging/**/*.test.ts', 'browser/**/*.test.ts'],
      globalSetup: ['packaging/pack-once.ts'],
      // Nothing outlives a test here, so the files share a process and with it their imports.
      isolate: false,
    },
  }),
);

export default config;
