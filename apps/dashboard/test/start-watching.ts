import { onTestFinished } from 'vitest';
import { startDashboard } from '../server/index.ts';

/**
 * Starts a dashboard that refreshes so often that tests do not wait. It is closed with the test.
 * Returns its address.
 */
export async function startWatching(runs: string): Promise<string> {
  const dashboard = await startDashboard({ runs, port: 0, logsEvery: 100, runsEvery: 200 });
  onTestFinished(() => dashboard.close());
  return dashboard.url;
}
