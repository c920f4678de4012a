import { runCommand } from './run-command.ts';
import type { VerifyBinding } from './setup-context.ts';

/** Loads a binding in a process of its own, because a bad library can end the process. */
export const verifyBinding: VerifyBinding = async (bindingFile, signal) => {
  const program = 'console.log(`loaded:${require(process.argv[1]).TF_Version}`)';
  const { code, output } = await runCommand(process.execPath, ['-e', program, bindingFile], {
    env: { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '2' },
    signal,
  });
  const version = /^loaded:(.+)$/m.exec(output)?.[1];
  if (code === 0 && version) return { version };
  return { problem: /^(?:Error|TypeError): (.+)$/m.exec(output)?.[1] ?? `it ended with code ${code}` };
};
