#!/bin/sh
# pbf writes wrong UTF-8 for characters beyond U+1FFFF, among them Chinese and Japanese ones.
#
# Its encoder joins the halves of a surrogate pair with `| 0x10000` where UTF-16 needs `+ 0x10000`. The results differ if that bit is set
# already. Emoji are below U+20000 and correct. The bytes are valid UTF-8 of another character, so no reader notices.
#
# Seen with pbf 5.1.2:
#   U+1F600 f09f9880, correct
#   U+20BB7 f090aeb7, should be f0a0aeb7
#   U+40000 f0b08080, should be f1808080
. "$(dirname "$0")/lib/packages.sh"

with_npm pbf@5.1.2
cat > try.mjs <<'EOF'
import { PbfWriter } from 'pbf';

const seen = { '1F600': 'f09f9880', '20BB7': 'f090aeb7', 40000: 'f0b08080' };
for (const code of ['1F600', '20BB7', '40000']) {
  const text = String.fromCodePoint(parseInt(code, 16));
  const writer = new PbfWriter();
  writer.writeString(text);
  // The first byte is the length.
  const written = Buffer.from(writer.finish()).subarray(1).toString('hex');
  const expected = Buffer.from(text).toString('hex');
  console.log(`U+${code} ${written}, ${written === expected ? 'correct' : `should be ${expected}`}`);
  if (written !== seen[code]) process.exitCode = 1;
}
EOF
node try.mjs
