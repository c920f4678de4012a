import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script: string = fileURLToPath(new URL('../scripts/soak.mjs', import.meta.url));

it("the server's memory stays bounded while fifty clients come, follow a growing run and leave", async () => {
  // The visits and events of a minute: every client connects several times.
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    ...'--minutes 0.125 --pace 8 --clients 50 --json'.split(' '),
  ]);
  const result = JSON.parse(stdout) as {
    heapGrowthMb: number;
    sentMb: number;
    clientsAfter: number;
  };
  expect(result.clientsAfter).toBe(0);
  expect(result.sentMb).toBeGreaterThan(0);
  expect(result.heapGrowthMb).toBeLessThan(20);
});
