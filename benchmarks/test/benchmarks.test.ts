import { fileURLToPath } from 'node:url';
import { type CommandResult, runWarm } from '@fixres/testing';
import { describe, expect, it } from 'vitest';

const program = new URL('../run-benchmark.mjs', import.meta.url).href;
const files: Record<string, string> = {
  PHOTOS: fileURLToPath(new URL('../../testing/photos', import.meta.url)),
  NETWORK: fileURLToPath(
    new URL('../../packages/models/test/fixtures/keras/trained.keras', import.meta.url),
  ),
};

/**
 * Runs a benchmark on the wasm engine, unless it is one of the native engine. All benchmarks share a
 * process; what they measure has processes of its own.
 */
async function bench(line: string): Promise<CommandResult> {
  const words = line
    .split(' ')
    .map((word) => word.replace(/^[A-Z]+/, (name) => files[name] ?? name));
  const env = { ...process.env, FIXRES_ENGINE: 'wasm' };
  return (await runWarm({ program, words, cwd: process.cwd(), env }))!;
}

/** The fields that every benchmark prints. */
interface Result {
  command: string;
  machine: { cpu: string; cores: number; memoryMb: number; node: string; loadBefore: number };
}

const tinyExperiment =
  '--photos PHOTOS --peers none --precisions float32 --images 24 --small 32 --large 48 --width 4 --epochs 1 --finetune-epochs 1 --batch 8';

/** Tiny settings, without other tools. */
const onLinux = [`experiment ${tinyExperiment}`, `memory ${tinyExperiment}`];
const onAnyEngine = [
  'data --photos PHOTOS --peers none --policies finetune224 --images 8 --rounds 1 --workers 1',
  'augment --peers none --size 32 --images 2 --rounds 1',
  'recipe --photos PHOTOS --cases keras,augMix --model resnet14v2 --width 4 --size 32 --batch 4 --steps 2 --rounds 1 --engine wasm',
  'scale --photos PHOTOS --counts 16,32 --sizes 32,48 --rounds 1 --engine wasm',
  'cli --warm-up 0 --rounds 1 --width 8',
  'export --model resnet14v2 --width 4 --size 32 --batch 1 --rounds 1 --seconds 0',
  'dashboard --events 60 --images 40 --runs 2 --rounds 1',
];
/** The processes meet through ports of Linux. */
const onNativeEngineOfLinux = [
  'cluster --processes 1,2 --model resnet14v2 --width 4 --size 32 --batch 2 --steps 1 --rounds 1 --megabytes 0.1,1 --gbits none --images 0',
];
const onNativeEngine = [
  'convolutions --shapes 8x16x64,1x4x16 --rounds 1',
  'checkpointing --models resnet14v2 --width 4 --size 32 --batch 2 --steps 1 --rounds 1',
  'step --mode forward --size 32 --batch 1 --rounds 1 --steps 1 --precisions float32',
  'families --networks NETWORK@32:1 --peers none --size 48 --batch 2 --rounds 1 --steps 1',
  'finetune --photos PHOTOS --peers none --width 8 --limit 4 --epochs 2 --batch 2 --precisions float32',
];

async function runsAndFillsTables(line: string): Promise<void> {
  const { code, stdout, stderr } = await bench(`${line} --json`);
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout) as Result;
  expect(result.command).toMatch(new RegExp(`^pnpm bench ${line.split(' ')[0]} .*--json$`));
  expect(Object.keys(result.machine)).toEqual(
    expect.arrayContaining(['cpu', 'cores', 'memoryMb', 'node', 'loadBefore']),
  );
  // The page is made of such results, so every table must be able to show them.
  const tables = (await import(`../${line.split(' ')[0]}/table.mjs`)) as Record<
    string,
    (result: Result) => string
  >;
  for (const make of Object.values(tables)) {
    const made = make(result);
    // A table, a plot, or a single time.
    expect(made).toMatch(/^(\||<svg|\*\*[\d.]+ s)/);
    expect(made).not.toMatch(/undefined|NaN|Infinity/);
  }
}

describe('each benchmark runs with tiny settings, and its tables show the result', () => {
  it.each(onAnyEngine)('%s', runsAndFillsTables);

  // They read the memory of processes.
  it.each(onLinux)('%s', { tags: 'linux' }, runsAndFillsTables);

  describe('on the native engine', { tags: ['native-engine'] }, () => {
    it.each(onNativeEngine)('%s', runsAndFillsTables);
    it.each(onNativeEngineOfLinux)('%s', { tags: 'linux' }, runsAndFillsTables);
  });
});

it('the documentation contains the tables and plots of docs/benchmarks/*.json', async () => {
  expect(await bench('docs --check')).toEqual({ code: 0, stdout: '', stderr: '' });
});

it.each([
  [
    'experiment --photos PHOTOS --width 4',
    'Option --width is 4; with the peers keras, it must be 64.\n',
  ],
  ['export --width abc', 'Option --width is abc; it must be a whole number of at least 1.\n'],
  ['export --engine nope', 'Option --engine is nope; allowed are auto, tensorflow, wasm, cpu.\n'],
  [
    'recipe --photos PHOTOS --steps 1',
    'Option --steps is 1; it must be a whole number of at least 2.\n',
  ],
  [
    'convolutions --shapes 16x64',
    'Option --shapes has "16x64"; a shape is for example 16x56x64.\n',
  ],
  [
    'checkpointing --models nope',
    'Option --models has "nope"; allowed are resnet14v2, resnet26v2, resnet50v2, resnet101v2, resnet152v2, mobilenetv2.\n',
  ],
  [
    'cluster --processes 1,4',
    'Option --processes is 1,4; it must be rising whole numbers that begin with 1,2.\n',
  ],
  ['scale --counts 20', 'Option --counts has "20"; allowed are multiples of 16 of at least 16.\n'],
])('%s is refused in one line', async (line, message) => {
  expect(await bench(line)).toEqual({ code: 2, stdout: '', stderr: message });
});
