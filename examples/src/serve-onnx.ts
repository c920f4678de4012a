// An HTTP service for a classifier, without TensorFlow.js: ONNX Runtime, and sharp to decode photos.
//
//   fixres export runs/flowers --format onnx --with-preprocessing --out serving/
//   node dist/serve-onnx.js serving/ 8080
//   curl --data-binary @photo.jpg http://localhost:8080/
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp, { type OutputInfo } from 'sharp';

const [folder = 'serving', port = '8080'] = process.argv.slice(2);
const session = await InferenceSession.create(join(folder, 'model.onnx'));
const { classNames } = JSON.parse(await readFile(join(folder, 'fixres.json'), 'utf8')) as {
  classNames: string[];
};

const app = new Hono();
app.post('/', bodyLimit({ maxSize: 2 ** 25 }), async (context) => {
  let photo: { data: Buffer; info: OutputInfo };
  try {
    // Upright and in sRGB, as fixres decodes photos. The model resizes, crops and normalises.
    photo = await sharp(await context.req.arrayBuffer(), { failOn: 'warning' })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch {
    return context.json({ error: 'The body is not a photo.' }, 400);
  }
  const { width, height } = photo.info;
  const levels = new Tensor('uint8', new Uint8Array(photo.data), [1, height, width, 3]);
  const { output } = await session.run({ levels });
  const probabilities = Array.from(output!.data as Float32Array, (probability, i) => ({
    label: classNames[i]!,
    probability,
  }));
  return context.json(probabilities.sort((a, b) => b.probability - a.probability));
});

serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' }, (address) => {
  console.log(`http://${address.address}:${address.port}/`);
});
