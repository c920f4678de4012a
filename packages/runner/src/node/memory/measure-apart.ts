import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FixresRunnerError } from '../../errors.ts';
import type { MeasureNeedRequest, MemoryNeed, NeedAnswer } from './memory-need.ts';

/** Node 20 does not run TypeScript, so tests that run from source use the built program. */
const program = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts')
      ? '../../../dist/node/memory/need-process.js'
      : './need-process.js',
    import.meta.url,
  ),
);

/** Characters of the other process's errors that a message repeats. */
const QUOTED = 300;

/**
 * Measures what an experiment needs in a process of its own: what it needs can be more than there is,
 * and afterwards none of it is taken.
 *
 * @throws FixresRunnerError `memory-unknown` if the process ends without a result, for example
 * because it needs more memory than there is; errors of the experiment; the signal's reason when
 * aborted
 */
export async function measureApart(
  request: MeasureNeedRequest,
  signal: AbortSignal,
): Promise<MemoryNeed> {
  signal.throwIfAborted();
  const child = fork(program, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let stderr = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-QUOTED);
  });
  const abort = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', abort, { once: true });
  try {
    const answer = await new Promise<NeedAnswer>((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      child.once('exit', (code, by) => reject(ended(by ?? `exit code ${code}`, stderr)));
      child.send(request);
    });
    if ('need' in answer) return answer.need;
    throw Object.assign(new Error(answer.error.message), answer.error);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}

function ended(how: string, stderr: string): FixresRunnerError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const why =
    how === 'SIGKILL'
      ? 'the system ended it, probably because it needs more memory than there is'
      : `it ended with ${how}${last === '' ? '' : ` (${last})`}`;
  return new FixresRunnerError(
    'memory-unknown',
    `The memory that training needs cannot be measured: ${why}.`,
  );
}
