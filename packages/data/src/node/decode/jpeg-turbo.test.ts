import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { jpegTurboState, loadJpegTurbo, requireJpegTurbo } from './jpeg-turbo.ts';

/** A project with a package of the decoder's name. */
async function project(napiVersion: number, main: string): Promise<string> {
  const folder = await temporaryFolder();
  const place = join(folder, 'node_modules', '@julusian', 'jpeg-turbo');
  await mkdir(place, { recursive: true });
  await writeFile(
    join(place, 'package.json'),
    JSON.stringify({ name: '@julusian/jpeg-turbo', version: '7.8.9', main: 'index.js' }),
  );
  await writeFile(
    join(place, 'binding-options.js'),
    `module.exports = { napi_versions: [${napiVersion}] };`,
  );
  await writeFile(join(place, 'index.js'), main);
  return join(folder, 'package.json');
}

it('finds the installed decoder', () => {
  expect(jpegTurboState()).toEqual({ version: '2.3.0' });
  expect(requireJpegTurbo().FORMAT_RGB).toBeTypeOf('number');
});

it('finds a decoder that only the project of the command has', async () => {
  const loaded = loadJpegTurbo([await project(1, 'exports.FORMAT_RGB = 5')]);
  expect(loaded).toEqual({ version: '7.8.9', decoder: { FORMAT_RGB: 5 } });
});

// That it says when nothing is installed is tested with the packed packages: pnpm's NODE_PATH lets every
// folder find the packages of this workspace.

it('does not load a binding that needs a newer Node.js', async () => {
  const place = await project(99, 'throw new Error("loaded")');
  expect(loadJpegTurbo([place])).toEqual({
    problem: `version 7.8.9 needs Node-API 99, and Node.js ${process.versions.node} has ${process.versions.napi}`,
  });
});

it('reports why it cannot be loaded', async () => {
  const place = await project(1, 'throw new Error("no binary for this machine\\nmore")');
  expect(loadJpegTurbo([place])).toEqual({
    problem: 'it cannot be loaded: no binary for this machine',
  });
});
