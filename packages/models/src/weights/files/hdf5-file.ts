import type * as Hdf5 from 'h5wasm';
import type { Attribute, Dataset, File, Group } from 'h5wasm';
import { FixresModelsError } from '../../errors.ts';
import type { SavedArray } from '../keras-weights.ts';

/** Compressed arrays may be this many times as large as the file; a larger claim is false. */
const MOST_EXPANSION = 1000;

/** The classes of numbers in HDF5: `H5T_INTEGER` and `H5T_FLOAT`. */
const INTEGER = 0;
const FLOAT = 1;

let hdf5: Promise<typeof Hdf5> | undefined;
/** Whether WebAssembly code has trapped, which may leave its memory corrupt. */
let trapped = false;

/** The HDF5 library, loaded on first use. Its errors are thrown instead of printed. */
async function loadHdf5(): Promise<typeof Hdf5> {
  hdf5 ??= import('h5wasm').then(async (module) => {
    const library = await module.ready;
    library.activate_throwing_error_handler();
    return module;
  });
  if (trapped) throw broken();
  return hdf5;
}

/** A number per file, so that files read at the same time have different names. */
let files = 0;

/** Reads an HDF5 file in memory. */
export class Hdf5Reader {
  readonly #hdf5: typeof Hdf5;
  readonly #root: Group;
  readonly #size: number;
  readonly #where: string;
  #left: number;

  private constructor(
    library: typeof Hdf5,
    root: Group,
    size: number,
    where: string,
    maxBytes: number,
  ) {
    this.#hdf5 = library;
    this.#root = root;
    this.#size = size;
    this.#where = where;
    this.#left = maxBytes;
  }

  /**
   * Opens a file, passes it to `read`, and closes it.
   *
   * @param where how errors refer to the file
   * @throws FixresModelsError `bad-weights-file` for anything that the HDF5 library cannot read,
   * `limit-exceeded`
   */
  static async with<T>(
    bytes: Uint8Array,
    where: string,
    maxBytes: number,
    read: (reader: Hdf5Reader) => T,
  ): Promise<T> {
    const library = await loadHdf5();
    const { FS } = await library.ready;
    const name = `read-${files++}.h5`;
    // The file system uses the bytes themselves; nothing is copied.
    FS.createDataFile('/', name, bytes, true, false, true);
    let file: File | undefined;
    try {
      file = new library.File(`/${name}`, 'r');
      return read(new Hdf5Reader(library, file, bytes.length, where, maxBytes));
    } catch (cause) {
      if (cause instanceof FixresModelsError) throw cause;
      trapped ||= (cause as Error).name === 'RuntimeError';
      throw new FixresModelsError(
        'bad-weights-file',
        `${where} cannot be read as HDF5: ${reasonOf(cause)}.`,
        { cause },
      );
    } finally {
      close(file);
      FS.unlink(`/${name}`);
    }
  }

  /** Names of a group's members. */
  names(path: string): string[] {
    return this.#group(path).keys();
  }

  isGroup(path: string): boolean {
    return this.#root.get(path) instanceof this.#hdf5.Group;
  }

  /** Strings of an attribute, or undefined. Keras splits long lists into `name0`, `name1`, ... */
  texts(path: string, name: string): string[] | undefined {
    const { attrs } = this.#group(path);
    const whole = attrs[name];
    if (whole) return textsOf(whole);
    if (!(`${name}0` in attrs)) return undefined;
    const texts: string[] = [];
    for (let i = 0; attrs[name + String(i)]; i++) texts.push(...textsOf(attrs[name + String(i)]!));
    return texts;
  }

  /**
   * Reads an array of floating-point numbers.
   *
   * @throws FixresModelsError `bad-weights-file` for other arrays, `limit-exceeded` if the file
   * contains more than allowed
   */
  floats(path: string): Omit<SavedArray, 'name'> {
    const dataset = this.#dataset(path);
    const { type, size, shape, total_size: count } = dataset.metadata;
    if (type === INTEGER && size === 1)
      throw this.unreadable(
        `contains a quantised model (array ${path} of 8-bit integers); only floating-point ` +
          'weights are supported',
      );
    if (type !== FLOAT || (size !== 4 && size !== 8) || !shape)
      throw new Error(`array ${path} does not contain 32-bit or 64-bit floating-point numbers`);
    const bytes = count * size;
    if (bytes > Math.min(this.#left, MOST_EXPANSION * this.#size)) {
      const message = `Array ${path} claims ${bytes} bytes in a file of ${this.#size}; ${this.#left} are allowed.`;
      throw new FixresModelsError('limit-exceeded', message);
    }
    this.#left -= bytes;
    return { shape: [...shape], values: floatsOf(dataset, path) };
  }

  /** Whether an array is a single integer: a count, which is not a weight. */
  isCount(path: string): boolean {
    const { type, shape } = this.#dataset(path).metadata;
    return type === INTEGER && shape?.length === 0;
  }

  /**
   * The error for a valid file with unsupported content.
   *
   * @param what a sentence without its subject, the file
   */
  unreadable(what: string): FixresModelsError {
    return new FixresModelsError('bad-weights-file', `${this.#where} ${what}.`);
  }

  #dataset(path: string): Dataset {
    const dataset = this.#root.get(path);
    if (!(dataset instanceof this.#hdf5.Dataset)) throw new Error(`array ${path} does not exist`);
    return dataset;
  }

  #group(path: string): Group {
    const group = this.#root.get(path);
    if (!(group instanceof this.#hdf5.Group)) throw new Error(`group ${path} does not exist`);
    return group;
  }
}

/** Builds an HDF5 file in memory and returns its bytes. */
export async function writeHdf5(build: (file: File) => void): Promise<Uint8Array<ArrayBuffer>> {
  const library = await loadHdf5();
  const { FS } = await library.ready;
  const name = `/write-${files++}.h5`;
  const file = new library.File(name, 'w');
  try {
    build(file);
  } finally {
    file.close();
  }
  try {
    return FS.readFile(name) as Uint8Array<ArrayBuffer>;
  } finally {
    FS.unlink(name);
  }
}

function floatsOf(dataset: Dataset, path: string): Float32Array<ArrayBuffer> {
  const { value } = dataset;
  if (value instanceof Float32Array) return value as Float32Array<ArrayBuffer>;
  if (value instanceof Float64Array) return Float32Array.from(value);
  // A scalar is returned as a number.
  if (typeof value === 'number') return Float32Array.of(value);
  throw new Error(`array ${path} cannot be read`);
}

function textsOf({ value }: Attribute): string[] {
  // An empty list is stored as a list of numbers.
  return typeof value === 'string'
    ? [value]
    : Array.isArray(value)
      ? value.filter((text) => typeof text === 'string')
      : [];
}

/** The innermost reason that the library reports, without the trace. */
function reasonOf(cause: unknown): string {
  const message = (cause as Error).message || String(cause);
  const steps = Array.from(
    message.matchAll(/^ +#\d+: .* in (\w+)\(\): (.*)$/gm),
    ([, , reason]) => reason!,
  );
  return steps.at(-1) ?? message.split('\n')[0]!;
}

function close(file: File | undefined): void {
  try {
    file?.close();
  } catch {
    // A file that could not be read cannot always be closed either; the reason is already reported.
  }
}

function broken(): FixresModelsError {
  const message =
    'The HDF5 reader failed on an earlier file and cannot be used in this thread any more. ' +
    'Read untrusted files in a separate worker.';
  return new FixresModelsError('bad-weights-file', message);
}
