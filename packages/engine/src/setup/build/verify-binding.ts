import { runCommand } from '../run-command.ts';
import type { VerifyBinding } from '../setup-context.ts';

/**
 * Loads a binding in a separate process, because a faulty library can crash the process. It must
 * also load without a GPU.
 */
export const verifyBinding: VerifyBinding = async (bindingFile, signal) => {
  const { command, args } = verifyCommand(bindingFile);
  const { code, output } = await runCommand(command, args, {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      TF_CPP_MIN_LOG_LEVEL: '2',
      CUDA_VISIBLE_DEVICES: '-1',
    },
    signal,
  });
  const version = /^loaded:(.+)$/m.exec(output)?.[1];
  if (code === 0 && version) return { version };
  return {
    problem: /^(?:Error|TypeError): (.+)$/m.exec(output)?.[1] ?? `it ended with code ${code}`,
  };
};

/** The command that loads a binding and prints the version of its TensorFlow. */
export function verifyCommand(bindingFile: string): {
  readonly command: string;
  readonly args: readonly string[];
} {
  return {
    command: process.execPath,
    args: ['-e', 'console.log(`loaded:${require(process.argv[1]).TF_Version}`)', bindingFile],
  };
}
