import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEvents, type RunEvent } from '../events/events.ts';
import { readEvents } from './read-events.ts';
import { readLines } from './files/read-lines.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-events-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function eventsIn(text: string): Promise<RunEvent[]> {
  const file = join(folder, 'events.jsonl');
  await writeFile(file, text);
  const events: RunEvent[] = [];
  await readEvents(file, (event) => events.push(event));
  return events;
}

describe('readEvents', () => {
  it.each([
    ['an empty log', ''],
    ['whole lines', '{"n":0}\n{"n":1}\n'],
    ['a last line without a line break', '{"n":0}\n{"n":1}'],
    ['a truncated last line', '{"n":0}\n{"n":1,"ti'],
    [
      'characters that other readers treat as line breaks',
      '{"n":"a\u2028b\u2029c\\r\u0085é"}\n{"n":1}\n',
    ],
  ])('reads %s like parseEvents', async (_, text) => {
    expect(await eventsIn(text)).toEqual(parseEvents(text));
  });

  it.each(['{"n":0}\ndamaged\n{"n":2}\n', '{"n":0}\ndamaged\n', '{"n":0}\n\n{"n":2}\n'])(
    'refuses a damaged line before the last: %j',
    async (text) => {
      await expect(eventsIn(text)).rejects.toThrow('Event log line 2 is not JSON.');
      expect(() => parseEvents(text)).toThrow('Event log line 2 is not JSON.');
    },
  );

  it('refuses a missing file', async () => {
    await expect(readEvents(join(folder, 'nothing'), () => undefined)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

describe('readLines', () => {
  it('joins lines longer than a chunk, with characters of any number of bytes', async () => {
    const lines = ['a', 'é€😀'.repeat(300_000), '', 'é'.repeat((1 << 20) + 1), 'b'];
    await writeFile(join(folder, 'lines'), lines.join('\n'));
    const read: [string, boolean][] = [];
    await readLines(join(folder, 'lines'), (line, whole) => read.push([line, whole]));
    expect(read.map(([line]) => line)).toEqual(lines);
    expect(read.map(([, whole]) => whole)).toEqual([true, true, true, true, false]);
  });

  it('reads a file longer than the longest string', async () => {
    const line = Buffer.alloc(4 << 20, ' ');
    line[line.length - 1] = 10;
    const file = join(folder, 'long');
    const handle = await open(file, 'w');
    for (let i = 0; i < 130; i++) await handle.write(line);
    await handle.close();
    let [lines, characters] = [0, 0];
    await readLines(file, (text) => {
      lines += 1;
      characters += text.length;
    });
    expect({ lines, characters }).toEqual({ lines: 130, characters: 130 * (line.length - 1) });
  });
});
