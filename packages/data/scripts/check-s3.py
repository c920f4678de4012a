"""Reads shards from a server of S3 that others wrote: moto's, on loopback. Does not run in CI.

    pip install "moto[server]==5.1.18" boto3
    pnpm build && python3 check-s3.py

moto answers lists, ranges and ETags, but verifies no signatures; those are compared with botocore's in a test.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import boto3
from moto.server import ThreadedMotoServer

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
BUCKET = 'photos'

# Writes shards of 40 drawn flowers, and prints what is read from a place: ids, classes and the hash of all bytes.
WRITE = """
import { convertDataset, openDataset, syntheticFlowers } from '@fixres/data/node';
const [folder] = process.argv.slice(1);
const photos = await syntheticFlowers({ folder: `${folder}/photos`, images: 40 });
const dataset = await openDataset(photos, { cacheFolder: folder });
await convertDataset(dataset, { to: 'webdataset', out: `${folder}/shards`, shardBytes: 150_000 });
"""
READ = """
import { createHash } from 'node:crypto';
import { openDataset, readBytes } from '@fixres/data/node';
const [place, cacheFolder, endpoint] = process.argv.slice(1);
const s3 = { endpoint, accessKeyId: 'me', secretAccessKey: 'secret' };
const { examples, classNames } = await openDataset(place, { cacheFolder, remote: { s3 } });
const hash = createHash('sha256');
for (const { source } of examples) hash.update(await readBytes(source));
const seen = examples.map(({ id, label }) => `${id} ${classNames[label]}`);
console.log(JSON.stringify({ seen, bytes: hash.digest('hex') }));
"""


def node(program, *args):
    command = ['node', '--input-type=module', '-e', program, *map(str, args)]
    return subprocess.run(command, cwd=PACKAGE, check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    os.environ.update(AWS_ACCESS_KEY_ID='me', AWS_SECRET_ACCESS_KEY='secret')
    server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f'http://{host}:{port}'
    s3 = boto3.client('s3', endpoint_url=endpoint, region_name='us-east-1')
    s3.create_bucket(Bucket=BUCKET)
    with tempfile.TemporaryDirectory() as folder:
        node(WRITE, folder)
        shards = pathlib.Path(folder, 'shards')
        for file in sorted(shards.iterdir()):
            s3.upload_file(str(file), BUCKET, f'a + b/ü/{file.name}')
        local = json.loads(node(READ, shards, f'{folder}/one', endpoint))
        places = [f's3://{BUCKET}/a + b/ü/', f's3://{BUCKET}/a + b', f's3://{BUCKET}/a + b/ü/*-00000?.tar']
        failed = False
        for i, place in enumerate(places):
            remote = json.loads(node(READ, place, f'{folder}/cache-{i}', endpoint))
            # Below another prefix, ids begin with its folder.
            same = remote['bytes'] == local['bytes'] and [
                each.removeprefix('ü/') for each in remote['seen']
            ] == local['seen']
            failed |= not same
            print(f"{place}: {len(remote['seen'])} images, {'as in the folder' if same else 'NOT as in the folder'}")
    server.stop()
    sys.exit(failed)


main()
