// Assembles src/pixels/simd-kernels.wat into src/pixels/simd-kernels-wasm.ts. Run it after changing
// the .wat file.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const folder = new URL('../src/pixels/', import.meta.url);
const { parseWat } = await wabt();
const parsed = parseWat(
  'simd-kernels.wat',
  readFileSync(new URL('simd-kernels.wat', folder), 'utf8'),
  { simd: true },
);
const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
const lines = base64.match(/.{1,120}/g).map((line) => `  '${line}'`);
writeFileSync(
  new URL('simd-kernels-wasm.ts', folder),
  `/** simd-kernels.wat in binary form, base64. Made by scripts/assemble-kernels.mjs. */\nexport const simdKernelsWasm: string =\n${lines.join(' +\n')};\n`,
);
