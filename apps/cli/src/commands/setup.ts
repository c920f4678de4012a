import { setupNativeEngine } from '@fixres/engine/node';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** Installs the native engine; where that is not possible says what is missing. Not an error: wasm works without it. */
export async function setup({ gpu = false, clean = false, json = false }: { gpu?: boolean; clean?: boolean; json?: boolean }): Promise<void> {
  const terminal = new Terminal();
  const onStep = (message: string): void => terminal.line(`setup: ${message}`);
  const result = await interruptible(
    (signal) => setupNativeEngine({ gpu, clean, onStep, signal }),
    () => 'Interrupted. Nothing is half-installed; run fixres setup again.',
  );
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}
