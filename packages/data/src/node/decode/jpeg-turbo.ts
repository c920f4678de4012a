import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FixresDataError } from '../../errors.ts';

/** The package that decodes as TensorFlow does: libjpeg-turbo with the fast transform, prebuilt. */
const PACKAGE = '@julusian/jpeg-turbo';

/** The release that the tests compare with TensorFlow, and that runs on every Node.js that fixres runs on. */
const TESTED = '2.3.0';

/** What the package exports, as far as it is used. */
export interface JpegTurbo {
  FORMAT_RGB: number;
  decompressSync: (
    file: Buffer,
    into: Buffer,
    options: { format: number },
  ) => { data: Buffer; width: number; height: number };
}

type Loaded = { version: string; decoder: JpegTurbo } | { problem: string };

let loaded: Loaded | undefined;

/** The version of the decoder for `decode: 'tensorflow'`, or why it cannot be used in this process. */
export function jpegTurboState(): { version: string } | { problem: string } {
  loaded ??= loadJpegTurbo();
  return 'problem' in loaded ? loaded : { version: loaded.version };
}

/** @throws FixresDataError `decoder-missing`, with what to install */
export function requireJpegTurbo(): JpegTurbo {
  loaded ??= loadJpegTurbo();
  if ('decoder' in loaded) return loaded.decoder;
  throw new FixresDataError(
    'decoder-missing',
    `Decoding as TensorFlow does (decode: tensorflow) needs the package ${PACKAGE}; ` +
      `${loaded.problem}. Install it with "npm install ${PACKAGE}@${TESTED}". The levels of decode: ` +
      'accurate differ by up to 6 of 255.',
  );
}

/**
 * @param places modules to look for the package from: by default this package, whose peer dependency
 * it is, then the project that the command runs in
 */
export function loadJpegTurbo(
  places: readonly (string | URL)[] = [import.meta.url, join(process.cwd(), 'package.json')],
): Loaded {
  const found = places
    .map((place) => createRequire(place))
    .find((require) => resolves(require, PACKAGE));
  if (!found) return { problem: 'it is not installed' };
  try {
    const { version } = found(`${PACKAGE}/package.json`) as { version: string };
    // Loading a binding of a newer Node-API than Node.js has ends the process.
    const { napi_versions } = found(`${PACKAGE}/binding-options.js`) as { napi_versions: number[] };
    const needed = Math.min(...napi_versions);
    if (needed > Number(process.versions.napi)) {
      return {
        problem: `version ${version} needs Node-API ${needed}, and Node.js ${process.versions.node} has ${process.versions.napi}`,
      };
    }
    return { version, decoder: found(PACKAGE) as JpegTurbo };
  } catch (error) {
    return { problem: `it cannot be loaded: ${(error as Error).message.split('\n')[0]!}` };
  }
}

function resolves(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
