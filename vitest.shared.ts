import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';
import { requirements } from './testing/src/requirements.ts';
import { shortProcessOptions } from './testing/src/short-process-options.ts';

/**
 * Turbo, which sets this variable, has built the packages that a package uses. They are loaded as Node does then: transforming
 * the sources of all of them takes longer than many a test.
 */
const areBuilt = process.env.TURBO_HASH !== undefined;

/**
 * What every package's tests share: sibling packages resolve to their sources (so an edit needs no build) unless turbo has
 * built them, one worker at a time (the native engine uses every core by itself), and a JSON report that the root test
 * command adds up.
 */
export const shared: ViteUserConfig = {
  ssr: {
    resolve: {
      conditions: [...(areBuilt ? [] : ['@fixres/source']), 'module', 'node'],
      externalConditions: ['node'],
    },
  },
  test: {
    setupFiles: [fileURLToPath(new URL('vitest.setup.ts', import.meta.url))],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', ['json', { outputFile: 'reports/vitest.json' }]],
    // What tests need that not every machine has. Where it is missing they are skipped, and the report says what for.
    tags: requirements(),
    maxWorkers: 1,
    // Built siblings are linked, so vitest does not see that they are packages.
    server: { deps: { external: areBuilt ? [/\/packages\/[^/]+\/dist\//] : [] } },
    execArgv: shortProcessOptions,
    // Several files train at a time on few cores; threads that wait for each other there take a fifth more processor time.
    env: { TF_NUM_INTRAOP_THREADS: '1' },
    // For what hangs only: how long something takes is not tested, and other work on the machine must not make a test fail.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 300_000 } },
  },
};

/**
 * Files that need a process of their own, because they replace modules or the environment, which would stay so in later files,
 * and all others, which share a process and with it their imports. Lists of a project are added to those of the configuration
 * that it extends.
 */
export function sharingImports(
  alone: string[],
  { include, ...own }: ViteUserConfig['test'] = {},
): ViteUserConfig {
  const { include: everything, ...common } = shared.test!;
  const others = {
    name: 'sharing',
    include: include ?? everything!,
    exclude: alone,
    isolate: false,
  };
  return {
    ...shared,
    test: {
      ...common,
      ...own,
      projects: [
        { extends: true, test: { name: 'alone', include: alone } },
        { extends: true, test: others },
      ],
    },
  };
}
