import { FixresModelsError } from '../../errors.ts';
import { DEFAULT_MAX_BYTES, type KerasWeights, type KerasWeightsLimits } from '../keras-weights.ts';
import { Hdf5Reader } from './hdf5-file.ts';
import { readKerasZip } from './read-keras-zip.ts';
import { readKeras3Layout } from './read-keras3-layout.ts';
import { readLegacyConfig, readLegacyLayout } from './read-legacy-layout.ts';

export interface ReadKerasWeightsOptions extends KerasWeightsLimits {
  /** How errors refer to the file. Default `the weights file`. */
  name?: string;
}

/**
 * Reads a Keras weights file: `.weights.h5`, `.keras`, or `.h5` of applications (with and without
 * top), of `save_weights` of Keras 2 and of whole models. The content determines the format, not
 * the name.
 *
 * Damaged and hostile files throw errors. But the HDF5 library is written in C, and a crafted file
 * could make it run forever, so read untrusted files in a thread that can be terminated.
 * `readKerasWeightsFile` of `@fixres/models/node` does that.
 *
 * @param bytes the file; must not change until reading is done
 * @throws FixresModelsError `bad-weights-file`, `limit-exceeded`
 */
export async function readKerasWeights(
  bytes: Uint8Array,
  options: ReadKerasWeightsOptions = {},
): Promise<KerasWeights> {
  const { maxBytes = DEFAULT_MAX_BYTES, name = 'the weights file' } = options;
  if (bytes.length > maxBytes)
    throw new FixresModelsError(
      'limit-exceeded',
      `${name} has ${bytes.length} bytes; ${maxBytes} are allowed.`,
    );
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    const { weights, config } = await readKerasZip(bytes, name, maxBytes);
    return { ...(await readHdf5(weights, `model.weights.h5 in ${name}`, maxBytes)), config };
  }
  if (!startsWith(bytes, [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a])) {
    throw new FixresModelsError(
      'bad-weights-file',
      `${name} is neither HDF5 (.h5) nor a Keras archive (.keras).`,
    );
  }
  return readHdf5(bytes, name, maxBytes);
}

async function readHdf5(bytes: Uint8Array, name: string, maxBytes: number): Promise<KerasWeights> {
  return Hdf5Reader.with(bytes, name, maxBytes, (file): KerasWeights => {
    const keras3 = readKeras3Layout(file);
    if (keras3) return { layout: 'keras3', layers: keras3 };
    const legacy = readLegacyLayout(file);
    if (!legacy) throw file.unreadable(subclassOrNone(file));
    const config = readLegacyConfig(file);
    return { layout: 'legacy', layers: legacy, ...(config ? { config } : {}) };
  });
}

/**
 * A subclassed model stores its layers under the names of its attributes, which only its code
 * explains.
 */
function subclassOrNone(file: Hdf5Reader): string {
  const attributes = file
    .names('/')
    .filter(
      (name) =>
        name !== 'vars' &&
        file.isGroup(`/${name}`) &&
        file.names(`/${name}`).some((inner) => inner === 'vars' || inner === 'layers'),
    );
  if (attributes.length === 0) return 'contains no weights of Keras';
  return (
    'contains the weights of a subclassed model, under the names of its attributes ' +
    `(${attributes.join(', ')}). Only functional and Sequential models are supported: save ` +
    'the network of an attribute separately'
  );
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}
