import { setupNativeEngine, type SetupResult } from '@fixres/engine/node';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

export interface SetupCommandOptions {
  gpu?: boolean;
  clean?: boolean;
  json?: boolean;
}

/** Installs the native engine. Where that is not possible says what is missing; that is no failure, since wasm works without it. */
export async function setup({ gpu, clean = false, json = false }: SetupCommandOptions): Promise<void> {
  const terminal = new Terminal();
  const onStep = (message: string): void => terminal.line(message);
  const result = await interruptible(
    (signal) => setupNativeEngine({ ...(gpu === undefined ? {} : { gpu }), clean, onStep, signal }),
    () => 'Interrupted. Nothing is half-installed; run fixres setup again to go on.',
  );
  terminal.result(json ? JSON.stringify(result) : describe(result));
}

function describe(result: SetupResult): string {
  if (result.engine === 'wasm') return `Training will run on wasm: ${result.hint}`;
  const build = result.flavor === 'gpu' ? 'CUDA build' : 'CPU build';
  return `Native engine ready: TensorFlow ${result.tensorflow}, ${build}, in ${result.folder}`;
}
