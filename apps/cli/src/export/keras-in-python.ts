import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers';
import { FixresModelsError } from '@fixres/models';
import type { OpenedExport } from './export-format.ts';

/** Names of Python; the first that can be started is used. */
const PYTHONS = ['python3', 'python'];

/** Importing TensorFlow takes minutes on a machine that is busy. */
const MOST_OPENING_MINUTES = 10;

/**
 * Opens a `.keras` file, and answers each batch with the model's output. Messages have their length
 * before them, in four bytes, little-endian; a batch has four sides of four bytes before its numbers.
 */
const program = `
import os, sys
# What libraries print goes elsewhere.
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
# Python files of the working folder are no libraries.
sys.path = [place for place in sys.path if place]
import json, struct

def answer(data):
    answers.write(struct.pack("<I", len(data)) + data)
    answers.flush()

def state(**message):
    answer(json.dumps(message).encode())

try:
    import keras
    import numpy as np
except ImportError as error:
    state(problem=f"Python {sys.version.split()[0]} has no Keras: {error}")
    sys.exit()
version = keras.__version__
if version.startswith(("0.", "1.", "2.")):
    state(problem=f"Python has Keras {version}; needed is 3")
    sys.exit()
try:
    model = keras.saving.load_model(sys.argv[1], compile=False)
except Exception as error:
    state(problem=f"Keras {version} cannot open it: {error}")
    sys.exit()
state(version=version)
while header := sys.stdin.buffer.read(4):
    data = sys.stdin.buffer.read(struct.unpack("<I", header)[0])
    images = np.frombuffer(data, "<f4", offset=16).reshape(struct.unpack("<4I", data[:16]))
    output = keras.ops.convert_to_numpy(model(images, training=False))
    answer(np.ascontiguousarray(output, "<f4").tobytes())
`;

/**
 * Opens a `.keras` file with the Keras of the Python on the search path; a text states why it cannot.
 *
 * @param pythons programs to try
 */
export async function openInKeras(
  file: string,
  pythons: readonly string[] = PYTHONS,
): Promise<OpenedExport | string> {
  const child = await startFirst(pythons, ['-c', program, file]);
  if (child === undefined) return `no ${pythons.join(' or ')} can be started`;
  // A pipe whose reader has ended; the missing answer states that.
  child.stdin.on('error', () => undefined);
  const answers = messages(child.stdout);
  const next = async (doing: string): Promise<Buffer> => {
    const { value } = await answers.next();
    if (value === undefined)
      throw new FixresModelsError('unsupported-model', `Python ended ${doing}`);
    return value;
  };
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  };
  const opening = { isLate: false };
  const late = setTimeout(() => {
    opening.isLate = true;
    void close();
  }, MOST_OPENING_MINUTES * 60_000);
  try {
    const { version, problem } = JSON.parse(
      (await next('while it opened the model with Keras')).toString('utf8'),
    ) as { version?: string; problem?: string };
    if (version === undefined) {
      await close();
      return problem!.split('\n')[0]!.replace(/\.$/, '');
    }
    return {
      runtime: { name: 'Keras', version },
      run: async ({ values, dims }) => {
        const header = Buffer.from(Uint32Array.of(16 + 4 * values.length, ...dims).buffer);
        child.stdin.write(header);
        child.stdin.write(Buffer.from(Float32Array.from(values).buffer));
        const answer = await next('while it ran the model in Keras');
        return new Float32Array(Uint8Array.from(answer).buffer);
      },
      close,
    };
  } catch (error) {
    await close();
    if (opening.isLate) return `Keras did not open it in ${MOST_OPENING_MINUTES} minutes`;
    if (error instanceof FixresModelsError) return error.message;
    throw error;
  } finally {
    clearTimeout(late);
  }
}

type Python = ChildProcessByStdio<Writable, Readable, null>;

/** Starts the first program that can be started. */
async function startFirst(
  programs: readonly string[],
  args: readonly string[],
): Promise<Python | undefined> {
  for (const name of programs) {
    const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      await once(child, 'spawn');
      return child;
    } catch {
      // It does not exist, or is no program.
    }
  }
  return undefined;
}

/** The messages of a stream, each with its length before it. */
async function* messages(stream: Readable): AsyncGenerator<Buffer, undefined> {
  let kept: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    kept = Buffer.concat([kept, chunk as Buffer]);
    while (kept.length >= 4) {
      const end = 4 + kept.readUInt32LE(0);
      if (kept.length < end) break;
      yield kept.subarray(4, end);
      kept = kept.subarray(end);
    }
  }
  return undefined;
}
