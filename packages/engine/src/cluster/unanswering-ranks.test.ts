import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { unansweringRanks } from './unanswering-ranks.ts';

/** The port of a server of HTTP/2, as TensorFlow's. */
async function answering(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port that nothing listens at. */
async function free(): Promise<number> {
  const server = createSocketServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The port of a stopped process, to which no connection can be made: those that wait to be accepted fill its list. */
async function unreachable(): Promise<number> {
  const program = `const server = require('net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [printed] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(printed.toString());
  for (let i = 0; i < 4; i++) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    await Promise.race([once(socket, 'connect'), new Promise((done) => setTimeout(done, 300))]);
  }
  return port;
}

it(
  'names the processes that do not answer, and keeps no connection to them',
  { tags: 'linux' },
  async () => {
    const ports = [await answering(), await free(), await answering(), await unreachable()];
    const connections = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'ConnectWrap').length;
    const before = connections();
    expect(before).toBeGreaterThan(0);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    // Those that answer do so at once, but on a busy machine this process may hear it late.
    expect(await unansweringRanks({ addresses, rank: 0 }, 5000)).toEqual([1, 3]);
    await expect.poll(connections).toBe(before);
  },
);
