import { describe, expect, it } from 'vitest';
import { answerOfThread } from './answer-of-thread.ts';

/** A thread that runs these lines. */
const thread = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
const options = { where: 'File "a.h5"', maxSeconds: 60 };
const bad = (message: string): object => ({
  name: 'FixresModelsError',
  code: 'bad-weights-file',
  message,
});

describe('answerOfThread', () => {
  it("returns the thread's answer to its request", async () => {
    const double = thread(
      "import { parentPort, workerData } from 'node:worker_threads'; parentPort.postMessage(2 * workerData); setInterval(() => 0, 1000);",
    );
    expect(await answerOfThread(double, 21, options)).toBe(42);
  });

  it('survives a thread that runs forever', async () => {
    const endless = thread('for (;;);');
    await expect(answerOfThread(endless, 0, { ...options, maxSeconds: 0.3 })).rejects.toMatchObject(
      bad('File "a.h5" cannot be read within 0.3 seconds.'),
    );
    const controller = new AbortController();
    const answer = answerOfThread(endless, 0, { ...options, signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(answer).rejects.toThrow('changed my mind');
    await expect(
      answerOfThread(endless, 0, { ...options, signal: controller.signal }),
    ).rejects.toThrow('changed my mind');
  });

  it('survives a thread that fails, and one that exits without an answer', async () => {
    await expect(
      answerOfThread(thread('throw new WebAssembly.RuntimeError("unreachable");'), 0, options),
    ).rejects.toMatchObject(bad('File "a.h5" cannot be read: unreachable.'));
    await expect(answerOfThread(thread('process.exit(3);'), 0, options)).rejects.toMatchObject(
      bad('File "a.h5" ended the thread that reads it.'),
    );
  });
});
