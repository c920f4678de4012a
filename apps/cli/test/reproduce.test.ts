import { policyAt } from '@fixres/runs/report';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { eventSchema, parseEvents, type Summary } from '@fixres/runs';
import { flowersArchive, onEngine, samplePhotos } from '@fixres/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

/** Writes class folders with `each` small pictures. */
async function photos(folder: string, classes: string[], each = 6): Promise<string> {
  for (const [i, name] of classes.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let n = 0; n < each; n++) {
      const background = { r: 60 * i + n, g: 120, b: 200 - 40 * i };
      await sharp({ create: { width: 40 + n, height: 36, channels: 3, background } })
        .jpeg()
        .toFile(join(folder, name, `${n}.jpg`));
    }
  }
  return folder;
}

const tiny = [
  '--width',
  '4',
  '--small',
  '32',
  '--large',
  '48',
  '--epochs',
  '1',
  '--finetune-epochs',
  '1',
  '--batch-size',
  '8',
];

interface RealPhotos {
  source: () => string;
  /** As in the summary. */
  dataset: Omit<Summary['dataset'], 'skipped'>;
  limit?: number;
  tags?: string[];
}

const realPhotos: Record<string, RealPhotos> = {
  'the sample photos': {
    source: () => samplePhotos,
    dataset: {
      name: 'photos',
      classes: ['animals', 'fish', 'monuments', 'tools', 'windmills'],
      train: 36,
      heldOut: 4,
    },
  },
  'the flower photos': {
    source: flowersArchive,
    limit: 300,
    dataset: {
      name: 'flower_photos',
      classes: ['daisy', 'dandelion', 'roses', 'sunflowers', 'tulips'],
      train: 270,
      heldOut: 30,
    },
    tags: ['flowers'],
  },
};

interface Trained {
  /** The train size of each arm. */
  arms: Record<string, number>;
  epochs: number;
  seeds: number;
}

/**
 * On the native engine, where compiling the graphs of an arm takes seconds, only the arms of its kinds
 * of graphs: from scratch, and frozen up to the last layers. A test of the runner trains all arms
 * there. Its compiled graphs hold memory, so arms and epochs are repeated to find what is not freed.
 */
const trained: Record<string, Trained> = {
  tensorflow: { arms: { small: 32, fixres: 56 }, epochs: 2, seeds: 2 },
  wasm: {
    arms: {
      small: 32,
      untuned: 56,
      fixres: 56,
      control: 32,
      'vanilla-equal-cost': 56,
      vanilla: 56,
    },
    epochs: 1,
    seeds: 1,
  },
};

for (const [engine, { arms, epochs, seeds }] of Object.entries(trained))
  describe(`fixres reproduce on ${engine}`, onEngine(engine), () => {
    for (const [name, { source, dataset, limit, tags = [] }] of Object.entries(realPhotos))
      it(`runs its arms on ${name} and prints one JSON object`, { tags }, async () => {
        const folder = await temporaryFolder();
        const out = join(folder, 'run');
        const options =
          `--width 8 --small 32 --large 56 --epochs ${epochs} --finetune-epochs ${epochs} --seed-count ${seeds} --batch-size 9 --json`.split(
            ' ',
          );
        if (limit !== undefined) options.push('--limit', String(limit));
        if (engine === 'tensorflow') options.push('--arms', Object.keys(arms).join());
        const { code, stdout, stderr } = await runCli([
          'reproduce',
          source(),
          ...options,
          '--engine',
          engine,
          '--out',
          out,
        ]);
        expect(stderr).not.toContain('error');
        expect(code).toBe(0);
        expect(stderr.match(/^Engine: /gm)).toHaveLength(1);

        const summary = JSON.parse(stdout) as Summary;
        expect(summary.engine).toMatchObject({
          name: engine,
          reason: expect.any(String) as string,
        });
        expect(summary.dataset).toEqual({ ...dataset, skipped: 0 });
        expect(summary.arms.map(({ name, trainSize }) => [name, trainSize])).toEqual(
          Object.entries(arms),
        );
        for (const arm of summary.arms) {
          expect(arm.evaluations.map(policyAt)).toEqual([
            'resize@32',
            'resize@56',
            'shortSideCrop@56',
          ]);
          for (const { accuracy, ci95, correct, total } of arm.evaluations) {
            expect(total).toBe(dataset.heldOut * seeds);
            expect(accuracy).toBeCloseTo(correct / total, 12);
            expect(ci95[0]).toBeLessThan(accuracy + 1e-9);
            expect(ci95[1]).toBeGreaterThan(accuracy - 1e-9);
          }
          if (arm.epochs > 0) expect(arm.trainSeconds).toBeGreaterThan(0);
          // Memory is bounded: the maximum over many runs is under 1 GB.
          expect(arm.peakRssMb).toBeGreaterThan(100);
          expect(arm.peakRssMb).toBeLessThan(1600);
        }
        expect(summary.comparisons.length).toBeGreaterThan(0);
        for (const { difference, ci95, p, verdict } of summary.comparisons) {
          expect(ci95[0]).toBeLessThanOrEqual(difference);
          expect(ci95[1]).toBeGreaterThanOrEqual(difference);
          expect(p).toBeLessThanOrEqual(1);
          expect(['better', 'worse', 'not distinguishable']).toContain(verdict);
        }

        expect((await readdir(out)).sort()).toEqual([
          'checkpoints',
          'config.json',
          'environment.json',
          'events.jsonl',
          'images.csv',
          'leaks.json',
          'models',
          'predictions',
          'report.html',
          'summary.json',
        ]);
        expect(JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'))).toEqual(summary);
        const events = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8'));
        expect(events.map(({ n }) => n)).toEqual([...events.keys()]);
        for (const event of events)
          expect(eventSchema.safeParse(event).error, event.type).toBeUndefined();
        expect([events[0]!.type, events.at(-1)!.type]).toEqual(['run-start', 'run-end']);
        const models = Object.keys(arms).flatMap((arm) =>
          Array.from({ length: seeds }, (_, seed) => `${arm}-seed${seed}`),
        );
        expect(await readdir(join(out, 'predictions'))).toHaveLength(3 * models.length);
        expect((await readdir(join(out, 'models'))).sort()).toEqual(models.sort());
        const allEnds = events.filter((event) => event.type === 'epoch');
        for (const arm of Object.keys(arms).filter((name) => name !== 'untuned')) {
          const ends = allEnds.filter((event) => event.arm === arm);
          expect(ends.length, arm).toBeGreaterThanOrEqual(epochs * seeds);
          // As many in every epoch, and for every seed.
          expect(new Set(ends.map(({ tensors }) => tensors)).size, arm).toBe(1);
        }
        const report = await readFile(join(out, 'report.html'), 'utf8');
        expect(report).toContain('data:image/webp;base64,');
        expect(report).toContain('shortSideCrop@56');
      });
  });

describe('fixres reproduce', () => {
  it('prints a table, and progress only on stderr', async () => {
    const folder = await temporaryFolder();
    const { code, stdout, stderr } = await runCli([
      'reproduce',
      await photos(join(folder, 'p'), ['a', 'b']),
      ...tiny,
      '--out',
      join(folder, 'run'),
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^arm +trained at +own test accuracy +95 % interval/);
    expect(stdout).toMatch(/fixres - vanilla +own .*not distinguishable \(detectable: none\)/);
    expect(stdout).toContain('With 1 held-out image, no difference could be shown.');
    expect(stderr).toContain(`Report:     ${join(folder, 'run', 'report.html')}`);
    expect(stderr).toMatch(/fixres: 1 epoch of 2 steps, [\d,]+ parameters train/);
    expect(stderr).not.toContain('\u001b[');
  });

  it('ends cleanly at Ctrl-C: exit code 130, an event, no result', async () => {
    const folder = await temporaryFolder();
    const out = join(folder, 'run');
    const args = [
      'reproduce',
      await photos(join(folder, 'p'), ['a', 'b'], 20),
      ...tiny.slice(0, 6),
      '--epochs',
      '500',
      '--out',
      out,
    ];
    let sent = false;
    const { code, stdout, stderr } = await runCli(args, {
      onStderr: (text, kill) => {
        if (sent || !text.includes('epoch   2/500')) return;
        sent = true;
        kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Interrupted\. /);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).at(-1)!.type).toBe(
      'run-interrupted',
    );
    expect(await readdir(out)).not.toContain('summary.json');
  });

  it('skips corrupt images only on request, and counts them', async () => {
    const folder = await temporaryFolder();
    const data = await photos(join(folder, 'p'), ['a', 'b']);
    const whole = await readFile(join(data, 'a', '1.jpg'));
    await writeFile(join(data, 'a', '1.jpg'), whole.subarray(0, whole.length - 30));
    await writeFile(join(data, 'b', '2.jpg'), 'no picture');

    const refused = await runCli(['reproduce', data, ...tiny, '--out', join(folder, 'no')]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(lastLine(refused.stderr)).toMatch(
      /^error: Image a\/1\.jpg cannot be decoded: .* Nor can b\/2\.jpg\. .*--skip-corrupt/,
    );
    expect(existsSync(join(folder, 'no'))).toBe(false);

    const skipped = await runCli([
      'reproduce',
      data,
      ...tiny,
      '--arms',
      'small',
      '--skip-corrupt',
      '--json',
      '--out',
      join(folder, 'yes'),
    ]);
    expect(skipped.code).toBe(0);
    expect((JSON.parse(skipped.stdout) as Summary).dataset.skipped).toBe(2);
    expect(skipped.stderr).toContain('warning: 2 images that cannot be decoded are left out.');
  });
});

describe('fixres reproduce with other data sets', () => {
  it('keeps the split of a data set, and refuses another', async () => {
    const folder = await temporaryFolder();
    const data = join(folder, 'p');
    await photos(join(data, 'train'), ['a', 'b'], 8);
    await photos(join(data, 'validation'), ['a', 'b'], 3);
    const { code, stdout } = await runCli([
      'reproduce',
      data,
      ...tiny,
      '--arms',
      'small',
      '--json',
      '--out',
      join(folder, 'run'),
    ]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Summary).dataset).toMatchObject({
      classes: ['a', 'b'],
      train: 16,
      heldOut: 6,
    });
    const refused = await runCli([
      'reproduce',
      data,
      ...tiny,
      '--held-out',
      '0.2',
      '--out',
      join(folder, 'no'),
    ]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: Option --held-out is 0\.2, but "p" brings its own split/,
    );
  });

  it('holds out the requested fraction, and warns about held-out images that are also trained on', async () => {
    const folder = await temporaryFolder();
    const data = await photos(join(folder, 'p'), ['a', 'b'], 10);
    // The same picture under many names: some are held out, some are not.
    const same = await readFile(join(data, 'a', '0.jpg'));
    for (let n = 0; n < 10; n++) await writeFile(join(data, 'a', `copy${n}.jpg`), same);
    const { code, stdout, stderr } = await runCli([
      'reproduce',
      data,
      ...tiny,
      '--arms',
      'small',
      '--held-out',
      '0.4',
      '--json',
      '--out',
      join(folder, 'run'),
    ]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Summary).dataset).toMatchObject({ train: 18, heldOut: 12 });
    expect(stderr).toMatch(
      /warning: \d+ held-out images? (is|are) among the training images as well, pixel by pixel: a\//,
    );
  });
});

describe('bad input gives one clear line, exit code 2 and no folder', () => {
  const cases: [string, (folder: string) => Promise<string[]> | string[], RegExp][] = [
    [
      'a missing folder',
      (folder) => [join(folder, 'nowhere')],
      /Data set ".*nowhere" does not exist/,
    ],
    [
      'one class',
      async (folder) => [await photos(join(folder, 'p'), ['only'])],
      /has only one class, "only"/,
    ],
    [
      'an empty class',
      async (folder) => {
        await mkdir(join(folder, 'p', 'empty'), { recursive: true });
        return [await photos(join(folder, 'p'), ['a', 'b'])];
      },
      /Class folder "empty" .* contains no images/,
    ],
    [
      'an archive with a link that points outside',
      async (folder) => {
        const data = await photos(join(folder, 'p'), ['a', 'b']);
        await symlink('/etc/passwd', join(data, 'a', 'x.jpg'));
        execFileSync('tar', ['-czf', join(folder, 'p.tgz'), '-C', folder, 'p']);
        return [join(folder, 'p.tgz')];
      },
      /Entry "p\/a\/x\.jpg" of .* is a link; the archive is refused/,
    ],
    [
      'an archive with ../ in it',
      async (folder) => {
        await photos(join(folder, 'p'), ['a', 'b']);
        execFileSync('tar', [
          '-cPf',
          join(folder, 'p.tar'),
          '-C',
          join(folder, 'p', 'a'),
          '../b/0.jpg',
        ]);
        return [join(folder, 'p.tar')];
      },
      /Entry "\.\.\/b\/0\.jpg" of .* points outside the archive/,
    ],
    [
      'a damaged archive',
      async (folder) => {
        await writeFile(join(folder, 'x.tgz'), gzipSync('x'.repeat(5000)));
        return [join(folder, 'x.tgz')];
      },
      /x\.tgz|\.tar is a damaged tar archive/,
    ],
    [
      'an archive with the wrong checksum',
      async (folder) => {
        await writeFile(join(folder, 'mine.tgz'), 'not the official one');
        return ['tf_flowers', '--archive', join(folder, 'mine.tgz')];
      },
      /its SHA-256 is [0-9a-f]{64}, expected 4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c/,
    ],
    [
      'an invalid size',
      () => ['synthetic', '--small', '7'],
      /option '--small <pixels>' argument '7' is invalid\. It must be a whole number from 32 to 4096/,
    ],
    [
      'sizes in the wrong order',
      () => ['synthetic', '--small', '128', '--large', '64'],
      /Option "large" is 64; it must be larger than/,
    ],
    [
      'an unknown option',
      () => ['synthetic', '--smal', '64'],
      /unknown option '--smal' \(Did you mean --small\?\)/,
    ],
    [
      'an unknown engine',
      () => ['synthetic', '--engine', 'abacus'],
      /'abacus' is invalid\. Allowed choices are auto, tensorflow, wasm, cpu/,
    ],
    [
      'an unknown model',
      () => ['synthetic', '--model', 'vgg'],
      /option '--model <name>' argument 'vgg' is invalid\. Allowed choices are resnet14v2, /,
    ],
    [
      'an archive for another data set',
      () => ['synthetic', '--archive', 'x.tgz'],
      /--archive goes with the data set tf_flowers only/,
    ],
    [
      'a limit that leaves nothing',
      async (folder) => [await photos(join(folder, 'p'), ['a', 'b']), '--limit', '1'],
      /With 1 images of "p" there is no .*larger limit than 1/,
    ],
  ];

  it.each(cases)('%s', async (_, args, message) => {
    const folder = await temporaryFolder();
    const out = join(folder, 'out');
    const given = await args(folder);
    const { code, stdout, stderr } = await runCli([
      'reproduce',
      ...given,
      ...tinyUnlessGiven(given),
      '--out',
      out,
    ]);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^error: /);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(existsSync(out)).toBe(false);
  });

  it('a run folder that is not empty', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'precious.txt'), 'x');
    const { code, stderr } = await runCli(['reproduce', 'synthetic', '--out', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: Run folder ".*" is not empty\./);
    expect(await readdir(folder)).toEqual(['precious.txt']);
  });
});

function tinyUnlessGiven(args: string[]): string[] {
  return args.some((arg) => arg === '--small' || arg === '--large') ? [] : tiny;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!;
}
