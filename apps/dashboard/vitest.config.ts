import type { ViteUserConfig } from 'vitest/config';
import { shared, sharingImports } from '../../vitest.shared.ts';

// They replace modules. The others also share a browser's library.
const alone = ['server/event-log.test.ts', 'server/reading/prediction-store.test.ts'];

const config: ViteUserConfig = sharingImports(alone, {
  include: ['{server,shared,client}/**/*.test.ts', 'test/**/*.test.ts'],
  maxWorkers: 2,
  // The engine is not the subject of these tests, and wasm is ready in a fraction of the time
  // that the native engine needs to load its graphs.
  env: { ...shared.test!.env, FIXRES_ENGINE: 'wasm' },
});

export default config;
