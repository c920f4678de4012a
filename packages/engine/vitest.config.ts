import type { ViteUserConfig } from 'vitest/config';
import { sharingImports } from '../../vitest.shared.ts';

// They replace modules or the environment, load an engine in another way, or test that nothing is
// loaded yet.
const config: ViteUserConfig = sharingImports([
  'src/setup/*.test.ts',
  'src/native/*.test.ts',
  'src/entries.test.ts',
  'src/use-engine.test.ts',
]);

export default config;
