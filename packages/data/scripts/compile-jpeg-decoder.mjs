// Compiles assembly/ (AssemblyScript) into src/jpeg/jpeg-decoder-wasm.ts. Run it after changing
// assembly/. With --check it writes nothing and fails if the compiled file is out of date.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--use', 'abort='];
const { error, stderr, binary } = await compile();
if (error) throw new Error(stderr.toString());
const base64 = Buffer.from(binary).toString('base64');
const lines = base64.match(/.{1,120}/g).map((line) => `  '${line}'`);
const file = new URL('../src/jpeg/jpeg-decoder-wasm.ts', import.meta.url);
const text = `/** The decoder of assembly/ in binary form, base64. Made by scripts/compile-jpeg-decoder.mjs. */\nexport const jpegDecoderWasm: string =\n${lines.join(' +\n')};\n`;
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text)
  throw new Error(
    'src/jpeg/jpeg-decoder-wasm.ts is not what assembly/ compiles to; run pnpm assemble.',
  );

async function compile() {
  let made;
  const writeFile = (name, contents) => {
    if (name === 'decoder.wasm') made = contents;
  };
  const result = await asc.main(
    ['assembly/index.ts', '--baseDir', root, '--outFile', 'decoder.wasm', ...options],
    { writeFile },
  );
  return { ...result, binary: made };
}
