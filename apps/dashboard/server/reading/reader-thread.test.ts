import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeRun, temporaryFolder } from '../../test/make-run.ts';
import { ReaderThread } from './reader-thread.ts';
import { createRunReader } from './run-reader.ts';

it('the reader thread answers the same as reading on this thread', async () => {
  const folder = join(await temporaryFolder(), 'run');
  await makeRun(folder, { steps: 50 });
  const file = 'small-seed0-resize@64.jsonl';
  await writeFile(
    join(folder, 'predictions', file),
    '{"file":"a.jpg","label":"aster","probabilities":[0.9,0.1]}\n',
  );
  const thread = new ReaderThread();
  onTestFinished(() => thread.close());
  const answers = await Promise.all(
    [thread.reader, createRunReader()].map((reader) =>
      Promise.all([
        reader.curves(folder),
        reader.curves(folder, { axis: 'step', from: 10, to: 20 }),
        reader.predictions(folder, file),
        reader.predictionsPage(folder, file, {
          kind: 'all',
          order: 'as in the file',
          from: 0,
          limit: 9,
        }),
        reader.isPredicted(folder, file, 'a.jpg'),
        reader.predictedImages(folder, file, 9),
        reader.predictions(folder, 'nothing.jsonl'),
      ]),
    ),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]!.slice(4)).toEqual([true, ['a.jpg'], undefined]);
});

it('the reader thread aborts running requests when it is closed, and starts no more', async () => {
  const folder = join(await temporaryFolder(), 'run');
  await makeRun(folder, { steps: 20_000 });
  const thread = new ReaderThread();
  const reading = expect(thread.reader.curves(folder)).rejects.toThrow(
    'The thread that reads runs has ended.',
  );
  await thread.close();
  await reading;
  await expect(thread.reader.curves(folder)).rejects.toThrow('The dashboard is closed.');
});
