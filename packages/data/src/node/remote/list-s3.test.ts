import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { ShardServer } from '../../../test/shard-server.ts';
import { listS3 } from './list-s3.ts';
import { remoteAccess } from './remote-file.ts';

/** Addresses of the objects that a server lists with a page of XML. */
async function listed(xml: string): Promise<string[]> {
  const server = await ShardServer.start();
  server.before = (_, response) => {
    response.end(`<ListBucketResult>${xml}</ListBucketResult>`);
    return true;
  };
  const access = remoteAccess({ s3: { endpoint: server.address } }, await temporaryFolder());
  return (await listS3('s3://photos/', access, { maxEntries: 9 })).map(({ address }) => address);
}

it('keys are decoded if the server says that they are encoded, and otherwise only as XML', async () => {
  const objects = ['a+b%20c.tar', 'd&amp;&#x65;&#102;&unknown;&#9999999;.tar']
    .map((key) => `<Contents><Key>${key}</Key><ETag>"1"</ETag><Size>5</Size></Contents>`)
    .join('');
  expect(await listed(objects)).toEqual([
    's3://photos/a+b%20c.tar',
    's3://photos/d&ef&unknown;&#9999999;.tar',
  ]);
  expect((await listed(`<EncodingType>url</EncodingType>${objects}`))[0]).toBe(
    's3://photos/a b c.tar',
  );
});
