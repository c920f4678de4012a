#!/bin/sh
# aws4fetch signs a plus sign in the key of an S3 object as if it were a space.
#
# In the path of an address a plus sign is a plus sign; it means a space only in forms. The address is sent as it is, so S3 computes the
# signature for the plus sign and answers 403 (SignatureDoesNotMatch). A key whose plus sign is written %2B is signed correctly.
#
# Seen with aws4fetch 1.0.20:
#   a+b.tar and a%2Bb.tar name the same object: signatures differ
#   a+b.tar and a%20b.tar name two objects: signatures are equal
. "$(dirname "$0")/lib/packages.sh"

with_npm aws4fetch@1.0.20
cat > try.mjs <<'EOT'
import { AwsV4Signer } from 'aws4fetch';

async function signature(key) {
  const { headers } = await new AwsV4Signer({
    url: `https://photos.s3.us-east-1.amazonaws.com/${key}`,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    service: 's3',
    region: 'us-east-1',
    datetime: '20261130T123456Z',
  }).sign();
  return headers.get('authorization');
}

const [plus, encoded, space] = await Promise.all(['a+b.tar', 'a%2Bb.tar', 'a%20b.tar'].map(signature));
const said = (a, b) => (a === b ? 'signatures are equal' : 'signatures differ');
console.log(`a+b.tar and a%2Bb.tar name the same object: ${said(plus, encoded)}`);
console.log(`a+b.tar and a%20b.tar name two objects: ${said(plus, space)}`);
if (plus === encoded || plus !== space) process.exitCode = 1;
EOT
node try.mjs
