import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LeaksReport } from '../src/data-leaks/find-leaks.ts';
import type { EvaluationReport } from '../src/evaluate/evaluation-record.ts';
import { startRecording } from './loaded-modules.ts';
import { type CliResult, runCli } from './run-cli.ts';

interface Prediction {
  file: string;
  size?: number;
  probabilities: number[];
  top: { label: string; probability: number }[];
}

let folder: string;
let photos: string;
let run: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-predict-'));
  photos = join(folder, 'photos');
  run = join(folder, 'run');
  for (const [name, colour] of [
    ['blue', { r: 20, g: 20, b: 220 }],
    ['green', { r: 20, g: 200, b: 20 }],
    ['red', { r: 220, g: 20, b: 20 }],
  ] as const) {
    await mkdir(join(photos, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const noise = { type: 'gaussian', mean: 120, sigma: 10 + 3 * i } as const;
      const base = sharp({
        create: { width: 70 + i, height: 60, channels: 3, background: colour, noise },
      });
      await base.jpeg().toFile(join(photos, name, `${i}.jpg`));
    }
  }
  const settings =
    '--held-out 0.25 --width 4 --small 32 --large 48 --epochs 2 --finetune-epochs 1 --arms small,fixres --quiet'.split(
      ' ',
    );
  const { code, stderr } = await runCli(['reproduce', photos, ...settings, '--out', run]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const predict = (...args: string[]): Promise<CliResult> => runCli(['predict', ...args]);

/** Held-out images with the run's own predictions. */
async function predictionsOfRun(
  name: string,
): Promise<{ file: string; probabilities: number[] }[]> {
  const lines = (await readFile(join(run, 'predictions', `${name}.jsonl`), 'utf8'))
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as { file: string; probabilities: number[] });
}

describe('fixres predict', () => {
  it('decides at a small size where that is sure, by the rule of evaluate', async () => {
    const rule = join(folder, 'rule.json');
    const curve = join(folder, 'curve.svg');
    const model = join(run, 'models', 'fixres-seed0');
    // So little is promised that the small size of this hardly trained model may decide.
    const calibrated = await runCli([
      'evaluate',
      model,
      photos,
      ...'--split all --sizes 32,48 --agreement 5 --quiet --json --adaptive'.split(' '),
      rule,
      '--curve',
      curve,
    ]);
    expect(calibrated.code).toBe(0);
    const { adaptive } = JSON.parse(calibrated.stdout) as EvaluationReport;
    expect(adaptive).toMatchObject({ large: 'shortSideCrop@48', chosen: 'shortSideCrop@32' });
    expect(adaptive!.images).toEqual({ choosing: 18, confirming: 18 });
    const svg = await readFile(curve, 'utf8');
    expect(svg.match(/<circle /g)).toHaveLength(1);
    const written = JSON.parse(await readFile(rule, 'utf8')) as { threshold: number };
    // Between the confidences of two photos, so that each size decides about some.
    const files = Array.from({ length: 12 }, (_, i) =>
      join(photos, i % 2 ? 'red' : 'blue', `${i}.jpg`),
    );
    const at = async (...args: string[]): Promise<Prediction[]> => {
      const { code, stdout, stderr } = await predict(model, ...files, '--json', '--quiet', ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return (JSON.parse(stdout) as { predictions: Prediction[] }).predictions;
    };
    const small = await at('--image-size', '32', '--override-contract');
    const large = await at();
    const sure = small.map(({ top }) => top[0]!.probability).sort((a, b) => a - b);
    // In the widest gap, because confidences of a hardly trained model can be almost equal.
    const gaps = sure.slice(1).map((each, i) => each - sure[i]!);
    const below = gaps.indexOf(Math.max(...gaps));
    const threshold = (sure[below]! + sure[below + 1]!) / 2;
    await writeFile(rule, JSON.stringify({ ...written, threshold }));
    const mixed = await at('--adaptive', rule);
    expect(mixed.map(({ size }) => size).sort()).toEqual([
      ...Array<number>(11 - below).fill(32),
      ...Array<number>(below + 1).fill(48),
    ]);
    mixed.forEach(({ size, probabilities }, i) => {
      const expected = (size === 32 ? small : large)[i]!;
      expect(size === 32).toBe(small[i]!.top[0]!.probability > threshold);
      for (const [j, probability] of probabilities.entries())
        expect(probability).toBeCloseTo(expected.probabilities[j]!, 5);
    });
    const refused = async (args: string[], message: RegExp): Promise<void> => {
      const { code, stderr } = await predict(model, files[0]!, '--quiet', ...args);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    };
    await refused(
      ['--adaptive', rule, '--image-size', '48'],
      /^error: Option --image-size is 48, but the rule/,
    );
    await refused(
      ['--adaptive', rule, '--best'],
      /is for the weights of the last epoch; leave out --best/,
    );
    await refused(['--adaptive', curve], /, which is no JSON; it must be a file that evaluate/);
    await writeFile(rule, JSON.stringify({ ...written, model: 'other' }));
    await refused(['--adaptive', rule], /, which is for another model than /);
    await writeFile(rule, JSON.stringify({ ...written, small: { version: 1 } }));
    await refused(['--adaptive', rule], /, whose policies are wrong \(/);
  });

  it('and its features list held-out images with the training images most like them', async () => {
    const leaks = (...args: string[]): Promise<CliResult> =>
      runCli([
        'data',
        'leaks',
        photos,
        '--model',
        run,
        '--arm',
        'fixres',
        ...args,
        '--json',
        '--quiet',
      ]);
    const { code, stdout, stderr } = await leaks();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { images, similar, acrossSplit } = JSON.parse(stdout) as LeaksReport;
    const heldOut = (await predictionsOfRun('fixres-seed0-shortSideCrop@48')).map(
      ({ file }) => file,
    );
    expect(images).toEqual({ train: 27, heldOut: heldOut.length });
    // A pair that the hash found is not listed again.
    expect(similar!.length).toBeGreaterThanOrEqual(heldOut.length - acrossSplit.length);
    expect(similar!.every(({ a, b }) => heldOut.includes(b) && !heldOut.includes(a))).toBe(true);
    const values = similar!.map(({ similarity }) => similarity);
    expect(values).toEqual(values.toSorted((x, y) => y - x));
    expect(values[0]).toBeLessThanOrEqual(1 + 1e-6);
    expect((await leaks('--split-by-group', 'look-alikes')).stderr).toMatch(
      /^error: Option --split-by-group is "look-alikes"; with --model, the split is that of its run/,
    );
  });

  it("returns the probabilities of the run itself, with the model's own preprocessing", async () => {
    const expected = await predictionsOfRun('fixres-seed0-shortSideCrop@48');
    const files = expected.map(({ file }) => join(photos, file));
    const { code, stdout, stderr } = await predict(
      run,
      ...files,
      '--arm',
      'fixres',
      '--json',
      '--quiet',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { predictions: results } = JSON.parse(stdout) as { predictions: Prediction[] };
    expect(results.map(({ file }) => file)).toEqual(files);
    for (const [i, { probabilities, top }] of results.entries()) {
      expect(probabilities).toEqual(
        expected[i]!.probabilities.map((probability) => expect.closeTo(probability, 5) as number),
      );
      expect(top.map(({ label }) => label).sort()).toEqual(['blue', 'green', 'red']);
      expect(top[0]!.probability).toBe(Math.max(...probabilities));
      expect(probabilities[['blue', 'green', 'red'].indexOf(top[0]!.label)]).toBe(
        top[0]!.probability,
      );
    }
  });

  it('prints a table of the most probable classes', async () => {
    const model = join(run, 'models', 'small-seed0');
    const { code, stdout } = await predict(
      model,
      join(photos, 'red/0.jpg'),
      join(photos, 'blue/3.jpg'),
      '--top',
      '2',
    );
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n').slice(2);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/red\/0\.jpg +(blue|green|red) +\d+\.\d %$/);
    expect(rows[1]).toMatch(/^ +(blue|green|red) +\d+\.\d %$/);
  });

  it('names the option that a too large image would need, also in JSON', async () => {
    const photo = join(photos, 'red/0.jpg');
    const args = [run, photo, '--arm', 'fixres', '--max-megapixels', '0.001', '--json', '--quiet'];
    const { code, stdout, stderr } = await predict(...args);
    const message = `Image ${photo} has more than 1000 pixels, the maximum (option --max-megapixels).`;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `warning: ${message}\nerror: 1 of 1 image cannot be read.\n`,
    });
    const { failed } = JSON.parse(stdout) as { failed: unknown[] };
    expect(failed).toEqual([{ file: photo, error: message }]);
  });

  it("refuses preprocessing that differs from the model's, unless it is forced", async () => {
    const args = [
      run,
      join(photos, 'red/0.jpg'),
      '--arm',
      'fixres',
      '--image-size',
      '64',
      '--json',
      '--quiet',
    ];
    const refused = await predict(...args);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(
      /^error: The model has a different preprocessing contract: .*input\.width is 48 in the model and 64 here;.*give --override-contract\.\n$/,
    );
    const meant = await predict(...args, '--override-contract');
    expect(meant.code).toBe(0);
    // The run did not evaluate this size, but it did evaluate the small arm's policy.
    const expected = (await predictionsOfRun('fixres-seed0-resize@48'))[0]!;
    const squashed = await predict(
      run,
      join(photos, expected.file),
      '--arm',
      'fixres',
      '--test-policy',
      'resize',
      '--override-contract',
      '--json',
      '--quiet',
    );
    expect(
      (JSON.parse(squashed.stdout) as { predictions: Prediction[] }).predictions[0]!.probabilities,
    ).toEqual(expected.probabilities.map((p) => expect.closeTo(p, 5) as number));
  });

  it.each([
    [
      ['nothing.jpg'],
      1,
      'warning: Image "nothing.jpg" does not exist.\nerror: 1 of 1 image cannot be read.\n',
    ],
    [['package.json'], 1, /^warning: .*package\.json.*\nerror: 1 of 1 image cannot be read\.\n$/],
    [['src'], 2, 'error: "src" contains no images.\n'],
    [['src/*.jpg'], 2, 'error: "src/*.jpg" contains no images.\n'],
  ])('reports the problem with %j', async (files, exitCode, message) => {
    const { code, stdout, stderr } = await predict(run, ...files, '--arm', 'fixres', '--quiet');
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    if (typeof message === 'string') expect(stderr).toBe(message);
    else expect(stderr).toMatch(message);
  });

  it('continues after a damaged or missing image, and then fails', async () => {
    const damaged = join(folder, 'damaged.jpg');
    const whole = await readFile(join(photos, 'red/0.jpg'));
    await writeFile(damaged, whole.subarray(0, 100));
    const files = [
      join(photos, 'red/0.jpg'),
      damaged,
      join(photos, 'blue/1.jpg'),
      'nothing.jpg',
      join(photos, 'red/0.jpg'),
    ];
    const good = await predict(run, files[0]!, files[2]!, '--arm', 'fixres', '--json', '--quiet');
    const [red, blue] = (JSON.parse(good.stdout) as { predictions: Prediction[] }).predictions;
    for (const batch of ['32', '2', '1']) {
      const { code, stdout, stderr } = await predict(
        run,
        ...files,
        '--arm',
        'fixres',
        '--batch-size',
        batch,
        '--json',
        '--quiet',
      );
      expect(code).toBe(1);
      const { predictions, failed } = JSON.parse(stdout) as {
        predictions: Prediction[];
        failed: { file: string; error: string }[];
      };
      expect(predictions.map(({ file }) => file)).toEqual([files[0], files[2], files[4]]);
      for (const [i, { probabilities }] of [red!, blue!, red!].entries())
        expect(predictions[i]!.probabilities).toEqual(
          probabilities.map((p) => expect.closeTo(p, 5) as number),
        );
      expect(failed.map(({ file }) => file)).toEqual([damaged, 'nothing.jpg']);
      expect(stderr.trimEnd().split('\n')).toEqual([
        `warning: ${failed[0]!.error}`,
        'warning: Image "nothing.jpg" does not exist.',
        'error: 2 of 5 images cannot be read.',
      ]);
      expect(failed[0]!.error).toContain(damaged);
    }
  });

  it('accepts folders, patterns and a list on stdin, and prints a line for each image while it runs', async () => {
    const red = (await readdir(join(photos, 'red')))
      .sort()
      .map((name) => join(photos, 'red', name));
    const ofFolder = await predict(
      run,
      join(photos, 'red'),
      '--arm',
      'fixres',
      '--ndjson',
      '--quiet',
      '--batch-size',
      '5',
    );
    expect(ofFolder).toMatchObject({ code: 0, stderr: '' });
    const lines = ofFolder.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; file?: string });
    expect(lines.map(({ type, file }) => file ?? type)).toEqual([...red, 'result']);
    expect(lines.at(-1)).toEqual({ type: 'result', images: red.length, failed: 0 });
    const ofPattern = await predict(
      run,
      join(photos, 'red', '*.jpg'),
      '--arm',
      'fixres',
      '--ndjson',
      '--quiet',
    );
    expect(ofPattern).toEqual(ofFolder);
    const { code, stdout } = await runCli(
      ['predict', run, '-', '--arm', 'fixres', '--json', '--quiet'],
      { stdin: `${red[1]}\n\n${red[0]}\n` },
    );
    expect(code).toBe(0);
    expect(
      (JSON.parse(stdout) as { predictions: Prediction[] }).predictions.map(({ file }) => file),
    ).toEqual([red[1], red[0]]);
  });
});

it('loads little for a JPEG photo, and sharp for others', async () => {
  const png = join(folder, 'photo.png');
  await sharp(join(photos, 'red', '0.jpg'))
    .png()
    .toFile(png);
  const loadedFor = async (photo: string): Promise<string[]> => {
    const { code, stderr, modules } = await startRecording([
      'predict',
      run,
      photo,
      '--arm',
      'fixres',
      '--quiet',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return modules.filter((url) =>
      /\/(zod|sharp)\/|\/(runs|models|runner)\/dist\/(node\/)?index\.js$/.test(url),
    );
  };
  expect(await loadedFor(join(photos, 'red', '0.jpg'))).toEqual([]);
  expect(await loadedFor(png)).toContainEqual(expect.stringContaining('/sharp/'));
});
