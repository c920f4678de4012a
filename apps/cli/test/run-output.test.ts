import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvents, type RunEvent, type Summary } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { runInPty } from './in-pty.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const tiny =
  'reproduce synthetic --width 4 --small 32 --large 48 --epochs 2 --finetune-epochs 2 --batch-size 16 --limit 50 --arms small,fixres'.split(
    ' ',
  );

describe('the output of a run', () => {
  it('is every event as a line of JSON with --ndjson, the result last', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stdout, stderr } = await runCli([...tiny, '--ndjson', '--quiet', '--out', out]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent | { type: 'result'; summary: Summary });
    expect(lines.slice(0, -1)).toEqual(
      parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')),
    );
    expect(lines.at(-1)).toEqual({
      type: 'result',
      summary: JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as Summary,
    });
  });

  it('includes the reason if a run fails with --ndjson', async () => {
    const folder = await temporaryFolder();
    const { code, stdout } = await runCli([
      'train',
      'synthetic',
      '--model',
      'resnet14v2',
      '--width',
      '4',
      '--image-size',
      '32',
      '--limit',
      '60',
      '--learning-rate',
      '1e30',
      '--epochs',
      '9',
      '--ndjson',
      '--out',
      join(folder, 'run'),
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
      type: 'run-failed',
      message: expect.stringMatching(
        /^The loss became|: its weights are too large or not finite\. Try a lower learning rate\.$/,
      ) as string,
    });
  });

  it('is a line per epoch in a log; with --verbose also checkpoints, cached features, waiting and memory', async () => {
    const folder = await temporaryFolder();
    const plain = await runCli([...tiny, '--out', join(folder, 'plain')]);
    const verbose = await runCli([...tiny, '--verbose', '--out', join(folder, 'verbose')]);
    expect([plain.code, verbose.code]).toEqual([0, 0]);
    for (const { stderr } of [plain, verbose]) {
      expect(
        stderr.match(/^ {2}epoch +\d\/2 {2}loss .* held out .* img\/s .* left$/gm),
      ).toHaveLength(4);
      expect(stderr.match(/^ {2}held out [▁▂▃▄▅▆▇█]{2} \d+\.\d % to \d+\.\d %$/gm)).toHaveLength(2);
      expect(stderr).not.toMatch(/step \d+\/\d/);
      expect(stderr).not.toContain('\u001b');
    }
    const details = [
      /^ {2}checkpoint after 2 epochs, written in /m,
      /^ {2}features: memory, cut after /m,
      /^ {2}epoch 1: waited for images \d+\.\d % of the time, [\d.]+ [MG]B of memory, \d+ tensors, learning rate [\d.e-]+$/m,
      /^ {2}trained for [\d.]+ s/m,
    ];
    for (const detail of details) {
      expect(verbose.stderr).toMatch(detail);
      expect(plain.stderr).not.toMatch(detail);
    }
  });

  it.each([80, 120])(
    'is one redrawn line on a terminal of %d columns',
    { tags: 'python3' },
    async (columns) => {
      const cwd = await temporaryFolder();
      const { code, output } = await runInPty([...tiny, '--arms', 'small', '--out', 'run'], {
        cwd,
        columns,
        env: { NO_COLOR: '1' },
      });
      expect(code).toBe(0);
      const drawn = output
        .split('\r\u001b[2K')
        .slice(1)
        .map((text) => text.split('\r\n')[0]!);
      const training = drawn.filter((line) => /^ +small .*loss/.test(line));
      expect(training.length).toBeGreaterThan(0);
      for (const line of training)
        expect(line).toMatch(
          /ep(och)? \d\/2 {2}(step )?\d+\/\d+ {2}loss \d\.\d+ {2}acc(uracy)? [\d.]+ % {2}\d+ img\/s {2}\d+:\d\d left {2}\d+ MB/,
        );
      for (const line of drawn) expect(line.length).toBeLessThan(columns);
      // Only the redrawn line uses escape sequences.
      expect(output.replaceAll('\r\u001b[2K', '')).not.toContain('\u001b');
    },
  );

  it('starts on a new line if it is an error', { tags: 'python3' }, async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, 'run', 'models'), { recursive: true });
    const { code, output } = await runInPty([...tiny, '--out', 'run'], { cwd });
    expect(code).toBe(2);
    expect(output).toBe(
      '\r\u001b[2Kerror: Run folder "run" is not empty. Choose another with --out, or remove it.\r\n',
    );
  });

  it('refuses options that exclude each other', async () => {
    expect(await runCli([...tiny, '--json', '--ndjson'])).toMatchObject({
      code: 2,
      stderr: "error: option '--ndjson' cannot be used with option '--json'\n",
    });
    expect(await runCli([...tiny, '--quiet', '--verbose'])).toMatchObject({
      code: 2,
      stderr: "error: option '--verbose' cannot be used with option '--quiet'\n",
    });
  });
});

describe('--disk-cache', () => {
  it('keeps decoded images for later runs, which have the same result', async () => {
    const folder = await temporaryFolder();
    const train =
      'train synthetic --model resnet14v2 --width 4 --image-size 32 --epochs 1 --limit 60 --norm-statistics running --deterministic --json --quiet'.split(
        ' ',
      );
    const results = [];
    for (const [run, ...options] of [
      ['plain'],
      ['first', '--disk-cache', 'cache'],
      ['second', '--disk-cache', 'cache', '--disk-cache-size', '500'],
    ] as const) {
      const { code, stdout } = await runCli([...train, ...options, '--out', run], { cwd: folder });
      expect(code).toBe(0);
      results.push(
        (JSON.parse(stdout) as Summary).arms[0]!.curves[0]!.epochs.map(
          ({ loss, heldOutAccuracy }) => ({ loss, heldOutAccuracy }),
        ),
      );
      if (run === 'plain') expect(await readdir(folder)).toEqual(['plain']);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    const kept = (await readdir(join(folder, 'cache'), { recursive: true })).filter((name) =>
      name.endsWith('.rgb'),
    );
    expect(kept).toHaveLength(60);
    const config = JSON.parse(await readFile(join(folder, 'second', 'config.json'), 'utf8')) as {
      command: string;
      diskCache: object;
    };
    expect(config.diskCache).toEqual({ folder: join(folder, 'cache'), maxBytes: 500e6 });
    // Where images are cached does not affect the result.
    expect(config.command).not.toContain('cache');
  });

  it.each<[string[], string]>([
    [
      ['--disk-cache-size', '5'],
      'Option --disk-cache-size is 5, but --disk-cache is missing; it says where.',
    ],
    [
      ['--disk-cache', 'x', '--disk-cache-size', '0'],
      "option '--disk-cache-size <megabytes>' argument '0' is invalid. It must be a whole number of at least 1.",
    ],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await runCli([...tiny, ...options], { cwd: await temporaryFolder() });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${message}\n` });
  });
});
