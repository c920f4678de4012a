import { expect, it } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import { shareExamples, sharedExample } from './example-table.ts';

it('a shared table returns each example as it was stored', () => {
  const source = {
    file: 'fotos/Gänseblümchen.tar',
    start: 2 ** 40 + 512,
    length: 77,
    compression: 'none',
    inflatedLength: 77,
  } as const;
  const examples: Example[] = [
    { id: 'daisy/花.jpg', label: 0, source },
    {
      id: '',
      label: 1,
      source: { file: 'b.zip', start: 0, length: 10, compression: 'deflate', inflatedLength: 400 },
    },
    { id: 'daisy/2.jpg', label: 0, source: { ...source, start: 0 } },
  ];
  const shared = shareExamples(examples, ({ file, start }) =>
    file === 'b.zip' ? undefined : start % 1000,
  );
  expect([0, 1, 2].map((index) => sharedExample(shared, index))).toEqual([
    { id: 'daisy/花.jpg', source, slot: (2 ** 40 + 512) % 1000 },
    { id: '', source: examples[1]!.source, slot: undefined },
    { id: 'daisy/2.jpg', source: examples[2]!.source, slot: 0 },
  ]);
  // The name of an archive is stored once.
  expect(shared.text.byteLength).toBe(
    Buffer.byteLength(`${source.file}b.zip${examples.map(({ id }) => id).join('')}`),
  );
});
