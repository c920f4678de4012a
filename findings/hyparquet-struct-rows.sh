#!/bin/sh
# hyparquet decodes a whole row group for the first rows of a struct, but stops early in a plain column.
#
# `rowStart` and `rowEnd` select rows. Without an offset index, which pyarrow does not write by default, the column of a row group is fetched
# as a whole in any case. A plain column is decoded up to the last row that is wanted; a column in a struct, as the Hugging Face Hub stores
# images, to its end. pyarrow and pandas write a table of up to 1,048,576 rows as one row group, so ten images cost the memory of the file.
#
# Seen with hyparquet 1.33.0 and pyarrow 26.0.1, for 10 of 1000 images in pages of 10:
#   image: 1 of 100 pages decoded
#   image.bytes: 100 of 100 pages decoded
. "$(dirname "$0")/lib/packages.sh"

with_pip pyarrow==26.0.1
cat > write.py <<'EOF2'
import pyarrow as pa
import pyarrow.parquet as pq

images = [bytes([i % 256]) * 1000 for i in range(1000)]
for name, column in {"plain": pa.array(images), "struct": pa.array([{"bytes": image} for image in images])}.items():
    pq.write_table(pa.table({"image": column}), f"{name}.parquet", use_dictionary=False, write_batch_size=10, data_page_size=1)
EOF2
venv/bin/python write.py
with_npm hyparquet@1.33.0
cat > try.mjs <<'EOF2'
import { asyncBufferFromFile, parquetReadObjects, snappyUncompress } from 'hyparquet';

const seen = { plain: ['image', 1], struct: ['image.bytes', 100] };
for (const [name, [column, expected]] of Object.entries(seen)) {
  let pages = 0;
  const SNAPPY = (input, length) => {
    pages += 1;
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  };
  const file = await asyncBufferFromFile(`${name}.parquet`);
  const rows = await parquetReadObjects({ file, rowStart: 0, rowEnd: 10, compressors: { SNAPPY } });
  console.log(`${column}: ${pages} of 100 pages decoded`);
  if (rows.length !== 10 || pages !== expected) process.exitCode = 1;
}
EOF2
node try.mjs
