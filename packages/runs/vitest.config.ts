import type { ViteUserConfig } from 'vitest/config';
import { sharingImports } from '../../vitest.shared.ts';

// They replace modules.
const config: ViteUserConfig = sharingImports([
  'src/node/files/full-disk.test.ts',
  'src/node/lock/run-lock.interleavings.test.ts',
  'src/node/run-folder.kills.test.ts',
]);

export default config;
