// The fixres side of the benchmark: every augmentation on copies of one image, for each line on stdin.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { adjustPixels, augmentStep, colorJitterStep, createRandom, drawingOf } from '@fixres/data';

const [side, images] = process.argv.slice(2).map(Number);
const strength = 0.4;
const steps = {
  randAugment: 'randAugment',
  trivialAugmentWide: 'trivialAugmentWide',
  autoAugment: 'autoAugment',
  augMix: 'augMix',
  threeAugment: 'threeAugment',
  colorJitter: colorJitterStep({
    brightness: strength,
    contrast: strength,
    saturation: strength,
  }),
  randomErasing: { op: 'randomErasing', probability: 1 },
  randomGrayscale: { op: 'randomGrayscale', probability: 1 },
  gaussianBlur: 'gaussianBlur',
};
const size = { width: side, height: side };
const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
  const [x, y, c] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
  return (x * 7 + y * 13 + c * 50 + ((x * y) % 31) * 5) % 256;
});

let turn = 0;
/** Seconds of processor time for all images with one augmentation, draws included. */
function secondsOf(step) {
  const policy = { version: 1, name: 'augment', output: size, steps: [augmentStep(step)] };
  const data = new Uint8Array(pixels.length);
  const start = process.cpuUsage();
  for (let i = 0; i < images; i++) {
    const { adjustments, augmentations } = drawingOf(policy, size, createRandom(turn, 'image', i));
    data.set(pixels);
    adjustPixels({ ...size, data }, [...adjustments, ...augmentations]);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

const { version } = JSON.parse(
  readFileSync(new URL('../../packages/data/package.json', import.meta.url), 'utf8'),
);
process.stdout.write(`${JSON.stringify({ version })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'go') continue;
  turn += 1;
  const seconds = Object.entries(steps).map(([name, step]) => [name, secondsOf(step)]);
  process.stdout.write(`${JSON.stringify({ seconds: Object.fromEntries(seconds) })}\n`);
}
