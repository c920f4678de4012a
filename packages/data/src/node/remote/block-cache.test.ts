import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { ShardServer } from '../../../test/shard-server.ts';
import { BLOCK_BYTES, readRemote } from './block-cache.ts';
import { findRemoteFile } from './fetch-remote.ts';
import { remoteAccess, type RemoteFile } from './remote-file.ts';

async function serve(bytes: Buffer): Promise<{ server: ShardServer; file: RemoteFile }> {
  const server = await ShardServer.start({ '/p.tar': bytes });
  const access = remoteAccess({ firstDelayMs: 1 }, await temporaryFolder());
  return { server, file: await findRemoteFile(`${server.address}/p.tar`, access) };
}

it('blocks arrive if a server ignores ranges now and then, and cuts off earlier than before', async () => {
  const bytes = randomBytes(5.5 * BLOCK_BYTES);
  const { server, file } = await serve(bytes);
  server.trouble = ['cut', 'cut'];
  const answersRanges = [true, false];
  server.before = () => {
    server.ranges = answersRanges.shift() ?? true;
    return false;
  };
  const from = 4 * BLOCK_BYTES;
  expect(await readRemote(file, from, bytes.length)).toEqual(bytes.subarray(from));
  expect(server.contentRequests()).toEqual(
    // The first is cut off in the middle of block 4, the second in block 2.
    [from, 4.75 * BLOCK_BYTES, from].map((at) => `/p.tar bytes=${at}-${bytes.length - 1}`),
  );
});

it('a block that two readers wait for comes to the second if the first gives up', async () => {
  const bytes = randomBytes(1000);
  const { file } = await serve(bytes);
  const giveUp = new AbortController();
  const first = readRemote(file, 0, 10, { signal: giveUp.signal });
  const second = readRemote(file, 2, 10);
  giveUp.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  expect(await second).toEqual(bytes.subarray(2, 12));
});
