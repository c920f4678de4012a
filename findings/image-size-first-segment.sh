#!/bin/sh
# image-size does not look at the first segment of a JPEG file, so a valid file without a JFIF or EXIF header has another size or none.
#
# A JPEG file is a start marker and then segments; the first may be any of them (ITU-T T.81, B.2). Encoders for cameras and video leave
# JFIF out. image-size takes the first segment for JFIF or EXIF and goes on behind it: if it is the frame with the size, there is no size.
#
# Seen with image-size 2.1.0 and sharp 0.35.5, for a picture of 40 x 30 pixels:
#   with a JFIF header: image-size 40 x 30, sharp 40 x 30
#   the frame first: image-size none, sharp 40 x 30
. "$(dirname "$0")/lib/packages.sh"

with_npm image-size@2.1.0 sharp@0.35.5
cat > try.mjs <<'EOF'
import { imageSize } from 'image-size';
import sharp from 'sharp';

const background = { r: 200, g: 100, b: 50 };
const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background } }).jpeg().toBuffer();
const segments = [];
for (let at = 2; jpeg[at + 1] !== 0xda; at += 2 + jpeg.readUInt16BE(at + 2))
  segments.push(jpeg.subarray(at, at + 2 + jpeg.readUInt16BE(at + 2)));
const scan = jpeg.subarray(2 + segments.reduce((sum, { length }) => sum + length, 0));
const isFrame = (segment) => segment[1] === 0xc0;
const start = Buffer.from([0xff, 0xd8]);
const files = {
  'with a JFIF header': jpeg,
  // Tables may come before or after the frame.
  'the frame first': Buffer.concat([
    start,
    ...segments.filter(isFrame),
    ...segments.filter((segment) => !isFrame(segment) && segment[1] !== 0xe0),
    scan,
  ]),
};
const seen = { 'with a JFIF header': '40 x 30', 'the frame first': 'none' };
for (const [name, file] of Object.entries(files)) {
  let size = 'none';
  try {
    const { width, height } = imageSize(file);
    size = `${width} x ${height}`;
  } catch {
    // It found no frame.
  }
  const { width, height } = await sharp(file).metadata();
  console.log(`${name}: image-size ${size}, sharp ${width} x ${height}`);
  if (size !== seen[name]) process.exitCode = 1;
}
EOF
node try.mjs
