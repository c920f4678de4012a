import { resolve } from 'node:path';
import {
  downloadNativeEngine,
  FixresEngineError,
  setupNativeEngine,
  type SetupResult,
} from '@fixres/engine/setup';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { megabytes } from '@fixres/runs/plain-text';
import { shellCommand } from '@fixres/runs/node';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

export interface SetupCommandOptions {
  gpu?: boolean;
  clean?: boolean;
  from?: string;
  download?: string;
  platform?: string;
  json?: boolean;
}

/**
 * Installs the native engine, or fills a folder for a machine without network. If an installation
 * is not possible, prints what is missing; that is not a failure, because wasm works without it.
 */
export async function setup(options: SetupCommandOptions): Promise<void> {
  const terminal = new Terminal();
  if (options.platform !== undefined && options.download === undefined) {
    throw new ExitError(
      exitCodes.usage,
      `error: Option --platform is "${options.platform}", which only --download takes; an installation is for this machine.`,
    );
  }
  const text = await interruptible(
    (signal) =>
      options.download === undefined
        ? install(options, { terminal, signal })
        : download(options.download, options, { terminal, signal }),
    () => 'Interrupted. Nothing is half-installed; run fixres setup again to go on.',
  ).catch((error: unknown) => {
    throw inOwnWords(error);
  });
  terminal.result(text);
}

/** Replaces the names of engine options in errors by those of the command line. */
function inOwnWords(error: unknown): unknown {
  if (!(error instanceof FixresEngineError) || error.code !== 'bad-option') return error;
  const message = error.message.replace(
    /^(from|gpu|folder) is /,
    (_, name: string) => `Option --${name === 'folder' ? 'download' : name} is `,
  );
  return new ExitError(exitCodes.usage, `error: ${message}.`, { cause: error });
}

interface Context {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function install(
  { gpu, clean = false, from, json = false }: SetupCommandOptions,
  { terminal, signal }: Context,
): Promise<string> {
  const onStep = (message: string): void => terminal.line(message);
  const result = await setupNativeEngine({
    ...(gpu !== undefined && { gpu }),
    ...(from !== undefined && { from }),
    clean,
    onStep,
    signal,
  });
  return json ? JSON.stringify(result) : describe(result);
}

async function download(
  folder: string,
  { gpu = false, platform, json = false }: SetupCommandOptions,
  { terminal, signal }: Context,
): Promise<string> {
  const onStep = (message: string): void => terminal.line(message);
  const result = await downloadNativeEngine({
    folder,
    gpu,
    ...(platform !== undefined && { platform }),
    onStep,
    signal,
  });
  if (json) return JSON.stringify(result);
  const use = shellCommand([
    'fixres',
    'setup',
    ...(gpu ? ['--gpu'] : []),
    '--from',
    resolve(folder),
  ]);
  return `${result.folder}: ${megabytes(result.bytes / 1e6)}. Copy the folder to the machine without network, and there run: ${use}`;
}

function describe(result: SetupResult): string {
  if ('hint' in result) return `${result.hint.charAt(0).toUpperCase()}${result.hint.slice(1)}`;
  const build = result.flavor === 'gpu' ? 'CUDA build' : 'CPU build';
  return `Native engine ready: TensorFlow ${result.tensorflow}, ${build}, in ${result.folder}`;
}
