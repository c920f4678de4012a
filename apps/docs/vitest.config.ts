import type { ViteUserConfig } from 'vitest/config';
import { shared } from '../../vitest.shared.ts';

// The files share a process, which saves its start.
const config: ViteUserConfig = { ...shared, test: { ...shared.test, isolate: false } };

export default config;
