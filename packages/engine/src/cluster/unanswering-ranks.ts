import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { ClusterTask } from './cluster-task.ts';

/**
 * The ranks of other processes whose server does not answer within the time: their process is gone,
 * is stopped, or cannot be reached. TensorFlow's servers speak HTTP/2, and a server that works greets
 * at once.
 */
export async function unansweringRanks(
  { addresses, rank }: ClusterTask,
  milliseconds: number,
): Promise<number[]> {
  const answers = await Promise.all(
    addresses.map((address, i) =>
      i === rank ? Promise.resolve(true) : isAnswered(address, milliseconds),
    ),
  );
  return answers.flatMap((answer, i) => (answer ? [] : [i]));
}

function isAnswered(address: string, milliseconds: number): Promise<boolean> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connectSocket({
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(port || 80),
  });
  const session = connect(`http://${address}`, { createConnection: () => socket });
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, milliseconds, false);
    session.once('remoteSettings', () => {
      resolve(true);
    });
    session.once('error', () => {
      resolve(false);
    });
    session.once('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
  }).finally(() => {
    session.on('error', () => undefined);
    session.destroy();
    // A session does not end a connection that is being made, and the process would wait for it, for minutes.
    socket.destroy();
  });
}
