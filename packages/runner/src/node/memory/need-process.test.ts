import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { MeasureNeedRequest } from './memory-need.ts';

it('ends with the process of the run, while it measures', async () => {
  // Photos that never arrive.
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const source = `http://127.0.0.1:${port}/photos.tar`;
  // Built, as in measure-apart.ts.
  const program = new URL('../../../dist/node/memory/need-process.js', import.meta.url);
  const child = fork(fileURLToPath(program), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Those of the tests make it load sources.
    execArgv: [],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  child.send({ dataset: { source } } satisfies Partial<MeasureNeedRequest>);
  await once(server, 'request');
  child.disconnect();
  await exit;
  expect(child.connected).toBe(false);
});
