// Compiles the modules of assembly/ (AssemblyScript) into src/. Run it after changing assembly/. With
// --check it writes nothing and fails if a compiled file is out of date.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--use', 'abort='];
const modules = [
  {
    folder: 'jpeg',
    file: 'src/jpeg/jpeg-decoder-wasm.ts',
    name: 'jpegDecoderWasm',
    what: 'The decoder',
  },
  {
    folder: 'adjust',
    file: 'src/pixels/adjust-kernels-wasm.ts',
    name: 'adjustKernelsWasm',
    what: 'The kernels',
  },
];

for (const { folder, file, name, what } of modules) {
  const { error, stderr, binary } = await compile(`assembly/${folder}/index.ts`);
  if (error) throw new Error(stderr.toString());
  const base64 = Buffer.from(binary).toString('base64');
  const lines = base64.match(/.{1,120}/g).map((line) => `  '${line}'`);
  const text = `/** ${what} of assembly/${folder} in binary form, base64. Made by scripts/compile-assembly.mjs. */\nexport const ${name}: string =\n${lines.join(' +\n')};\n`;
  const url = new URL(`../${file}`, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(url, text);
  else if (readFileSync(url, 'utf8') !== text)
    throw new Error(`${file} is not what assembly/${folder} compiles to; run pnpm assemble.`);
}

async function compile(entry) {
  let made;
  const writeFile = (name, contents) => {
    if (name === 'made.wasm') made = contents;
  };
  const result = await asc.main([entry, '--baseDir', root, '--outFile', 'made.wasm', ...options], {
    writeFile,
  });
  return { ...result, binary: made };
}
