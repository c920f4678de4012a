import { appendFile, cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvents, type RunEvent } from '@fixres/runs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, suiteFolder, temporaryFolder } from './run-cli.ts';

interface Written {
  report: string;
  bytes: number;
  runs: { folder: string; state: string; arms: number; finishedArms: number }[];
}

describe('fixres report', async () => {
  const suite = await suiteFolder();
  const run = join(suite, 'flowers');

  beforeAll(async () => {
    const options =
      '--limit 60 --held-out 0.3 --epochs 2 --finetune-epochs 1 --width 4 --small 32 --large 48 --seed-count 2 --arms small,fixres,control,vanilla --quiet'.split(
        ' ',
      );
    const { code, stderr } = await runCli(['reproduce', 'synthetic', ...options, '--out', run]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  /** A copy of the run in its state after an event, without later events and files. */
  async function stoppedAfter(
    isLast: (event: RunEvent) => boolean,
  ): Promise<{ copy: string; events: RunEvent[] }> {
    const copy = join(await temporaryFolder(), 'stopped');
    await cp(run, copy, { recursive: true });
    await rm(join(copy, 'summary.json'));
    const events = parseEvents(await readFile(join(copy, 'events.jsonl'), 'utf8'));
    const kept = events.slice(0, events.findIndex(isLast) + 1);
    await writeFile(
      join(copy, 'events.jsonl'),
      kept.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
    return { copy, events: kept };
  }

  async function reportOf(
    folders: string[],
    options: string[] = [],
  ): Promise<{ html: string; written: Written }> {
    const out = join(await temporaryFolder(), 'report.html');
    const { code, stdout, stderr } = await runCli([
      'report',
      ...folders,
      '--out',
      out,
      '--json',
      '--quiet',
      ...options,
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return { html: await readFile(out, 'utf8'), written: JSON.parse(stdout) as Written };
  }

  it('writes the same report as the run itself, from its folder alone', async () => {
    const { html, written } = await reportOf([run]);
    expect(written.runs).toEqual([{ folder: run, state: 'finished', arms: 4, finishedArms: 4 }]);
    expect(written.bytes).toBe(Buffer.byteLength(html));
    // The event that ends the run follows its report.
    expect(html).toBe(await readFile(join(run, 'report.html'), 'utf8'));
    expect(html).toContain('data:image/webp;base64,');
    expect(html).not.toMatch(/<script|https?:|url\(|@import/);
  });

  it('also shows the images that a model finds similar, if asked', async () => {
    const { html } = await reportOf([run], ['--similar']);
    const section = html.slice(
      html.indexOf('Training (left) and held-out images of similar features'),
    );
    expect(html).toMatch(/the model of \w+ \(seed 0\) finds most similar/);
    expect(section.slice(0, section.indexOf('</figure>')).match(/<img /g)!.length).toBeGreaterThan(
      1,
    );
    const refused = await runCli(['report', run, '--out', 'r.html', '--similar', '--no-images']);
    expect(refused).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: Option --similar reads the images; leave out --no-images.\n',
    });
  });

  it('prints the path of the report', async () => {
    const out = join(await temporaryFolder(), 'report.html');
    expect(await runCli(['report', run, '--out', out])).toEqual({
      code: 0,
      stdout: `${out}\n`,
      stderr: '',
    });
  });

  it('creates the folders of the report, or fails before it reads the runs', async () => {
    const folder = await temporaryFolder();
    const out = join(folder, 'new', 'folder', 'report.html');
    expect(await runCli(['report', run, '--no-images', '--out', out])).toEqual({
      code: 0,
      stdout: `${out}\n`,
      stderr: '',
    });
    await writeFile(join(folder, 'file'), '');
    const { code, stdout, stderr } = await runCli([
      'report',
      'nowhere',
      '--out',
      join(folder, 'file', 'report.html'),
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: Option --out is ".*report\.html", which cannot be written: (EEXIST|ENOTDIR): .*\n$/,
    );
  });

  it('shows a failed run with its message, and summarises the seeds that all arms finished', async () => {
    const { copy, events } = await stoppedAfter(
      (event) => event.type === 'epoch' && event.arm === 'fixres' && event.seed === 1,
    );
    const failure = {
      n: events.length,
      time: events.at(-1)!.time,
      type: 'run-failed',
      message: 'The loss is NaN.',
      images: ['daisy/1.jpg'],
    };
    await appendFile(join(copy, 'events.jsonl'), `${JSON.stringify(failure)}\n`);
    const { html, written } = await reportOf([copy]);
    expect(written.runs).toEqual([{ folder: copy, state: 'failed', arms: 4, finishedArms: 4 }]);
    expect(html).toContain('<p class="problem">The loss is NaN.</p>');
    expect(html).toContain('It ended in arm fixres, seed 1, during evaluation.');
    expect(html).toContain('✕ failed with seed 1');
    expect(html).toContain('Each arm was trained with one seed');
  });

  it('accepts a killed run: the last event half written, one arm done', async () => {
    const { copy } = await stoppedAfter(
      (event) => event.type === 'epoch' && event.arm === 'fixres',
    );
    const log = await readFile(join(copy, 'events.jsonl'), 'utf8');
    await truncate(join(copy, 'events.jsonl'), Buffer.byteLength(log) - 20);
    const { html, written } = await reportOf([copy]);
    expect(written.runs).toEqual([{ folder: copy, state: 'crashed', arms: 4, finishedArms: 1 }]);
    expect(html).toContain(
      'It ended in arm fixres, seed 0, after 0 of 1 epochs. 1 of 4 arms has results',
    );
    expect(html).toContain('not begun');
    expect(html).toContain('id="classes"');
  });

  it('accepts a run without any event, and an interrupted one, together with finished ones in one file', async () => {
    const { copy: interrupted, events } = await stoppedAfter(({ type }) => type === 'arm-start');
    await appendFile(
      join(interrupted, 'events.jsonl'),
      `${JSON.stringify({ n: events.length, time: events.at(-1)!.time, type: 'run-interrupted' })}\n`,
    );
    const { copy: empty } = await stoppedAfter(() => false);
    await rm(join(empty, 'events.jsonl'));
    const { html, written } = await reportOf([run, interrupted, empty], ['--no-images']);
    expect(written.runs.map(({ state, finishedArms }) => [state, finishedArms])).toEqual([
      ['finished', 4],
      ['interrupted', 0],
      ['crashed', 0],
    ]);
    expect(html).toContain('<title>3 runs</title>');
    expect(html.match(/<article /g)).toHaveLength(3);
    expect(html).not.toContain('data:image');
  });

  it('reports what it cannot read, and continues without it', async () => {
    const { copy } = await stoppedAfter(
      (event) => event.type === 'arm-end' && event.arm === 'fixres',
    );
    await writeFile(join(copy, 'predictions', 'fixres-seed0-resize@48.jsonl'), '{"file":"da');
    const config = JSON.parse(await readFile(join(copy, 'config.json'), 'utf8')) as {
      dataset: { source: string };
    };
    config.dataset.source = '/nowhere/photos';
    await writeFile(join(copy, 'config.json'), JSON.stringify(config));
    const out = join(copy, 'again.html');
    const { code, stderr } = await runCli(['report', copy, '--out', out]);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: ');
    expect(stderr).toContain('The data set "/nowhere/photos" of the run is not on this machine.');
    const html = await readFile(out, 'utf8');
    expect(html).toContain(
      'The predictions of fixres, seed 0, under resize@48 are missing or damaged; the arm is left out.',
    );
    expect(html).toContain('the data set cannot be opened where this report was written');
  });

  it.each([
    [
      'a folder without a run',
      async () => [await temporaryFolder(), 'r.html'],
      /^error: ".*" is not a run: its config\.json cannot be read/,
    ],
    [
      'an output file that is not HTML',
      () => Promise.resolve([run, 'report.pdf']),
      /^error: Option --out is "report\.pdf"; it must be a file that ends in \.html\.\n$/,
    ],
    [
      'a damaged log',
      async () => [await damaged(), 'r.html'],
      /^error: Run folder ".*" is damaged: Event log line 2 is not JSON\.\n$/,
    ],
  ] as [string, () => Promise<[string, string]>, RegExp][])(
    'refuses %s',
    async (_, place, message) => {
      const [folder, out] = await place();
      const { code, stdout, stderr } = await runCli(['report', folder, '--out', out]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    },
  );

  async function damaged(): Promise<string> {
    const { copy } = await stoppedAfter(({ type }) => type === 'run-start');
    await appendFile(join(copy, 'events.jsonl'), 'damaged\n{}\n');
    return copy;
  }
});
