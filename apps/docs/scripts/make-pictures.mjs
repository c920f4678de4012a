// Draws the pictures of the concepts from the sample photos, with the built command line:
//
//   pnpm build && node scripts/make-pictures.mjs
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const path = (name) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const photos = path('testing/photos');
const pictures = [
  ['train-view', 'preview', '--policy', 'sampledBoundingBoxCrop', '--image-size', '128'],
  ['test-view', 'preview', '--policy', 'resize', '--image-size', '128'],
  ['matched-view', 'preview', '--policy', 'shortSideCrop', '--image-size', '176'],
];
for (const [name, command, ...options] of pictures)
  await shrink(draw(command, [...options, '--count', '2', '--seed', '3'], `${name}.png`));
draw('plan', ['--train-size', '128'], 'apparent-size.svg');

function draw(command, options, file) {
  const out = path(`apps/docs/pages/concepts/${file}`);
  execFileSync(
    process.execPath,
    [path('apps/cli/bin/fixres.js'), command, photos, ...options, '--out', out],
    { stdio: 'inherit' },
  );
  return out;
}

/** Writes a picture with 256 colours, for a third of its bytes. */
async function shrink(file) {
  writeFileSync(
    file,
    await sharp(readFileSync(file)).png({ palette: true, effort: 10 }).toBuffer(),
  );
}
