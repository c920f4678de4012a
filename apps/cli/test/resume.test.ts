import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, type Random } from '@fixres/data';
import { parseEvents, settledEvents } from '@fixres/runs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CliResult,
  type Kill,
  runCli,
  type RunCliOptions,
  suiteFolder,
  temporaryFolder,
} from './run-cli.ts';
import { resultsOf, tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';
import { whenSaid } from './when-said.ts';

/**
 * The environment of an engine: the one of all tests, or the fastest with any number of threads.
 */
const engines = {
  wasm: {},
  // Kernels of the native engine sum in an order that depends on the number of free threads, unless
  // this is disabled.
  fastest: { FIXRES_ENGINE: undefined, TF_NUM_INTRAOP_THREADS: undefined },
};
type Engine = keyof typeof engines;

let folder: string;
/**
 * An experiment with checkpoints at nearly every step, and the same one with checkpoints only after
 * its epochs.
 */
let file: Record<Engine, string>;
let rarely: string;
/** The results of wasm. */
let undisturbed: Record<string, string>;

beforeAll(async () => {
  folder = await suiteFolder();
  await writeTinyPhotos(folder);
  // The native engine compiles graphs for each arm, and the third arm has those of the second.
  const [arms, frequent] = [tinyExperiment.arms.slice(0, 2), { everySeconds: 0.02 }];
  const write = (name: string, changes: object): Promise<string> =>
    writeExperiment(folder, name, { ...tinyExperiment, ...changes });
  file = {
    wasm: await write('experiment', { checkpoint: frequent }),
    fastest: await write('experiment-fastest', { arms, checkpoint: frequent }),
  };
  rarely = await write('rarely', {});
  undisturbed = await undisturbedRun('wasm');
});

async function undisturbedRun(engine: Engine): Promise<Record<string, string>> {
  const out = join(folder, `undisturbed-${engine}`);
  const { code, stderr } = await runCli(['run', file[engine], '--out', out, '--quiet'], {
    env: engines[engine],
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const kept = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).filter(
    (event) => event.type === 'feature-cache',
  );
  const all = [
    { arm: 'tuned', where: 'memory' },
    { arm: 'stats', where: 'memory', from: 'tuned' },
  ];
  expect(kept).toMatchObject(engine === 'wasm' ? all : all.slice(0, 1));
  return await resultsOf(out);
}

describe('a run that is killed', () => {
  it('ends with the same bits, whenever and however often it was killed', async () => {
    const wanted = 8;
    const random = createRandom(20261124, 'kills', 'wasm');
    const places: string[] = [];
    for (let run = 0; places.length < wanted; run++) {
      const out = join(await temporaryFolder(), `run${run}`);
      const start = ['run', file.wasm, '--out', out, '--quiet'];
      const atMost = wanted - places.length;
      const killed = { engine: 'wasm', out, start, atMost, random } as const;
      places.push(...(await killedRun(killed)));
      await endsAsUndisturbed(out, 'wasm', undisturbed);
    }
    // In training, in evaluation, in both arms: the moments are spread out.
    expect(new Set(places).size).toBeGreaterThan(wanted / 4);
  });

  // What a kill leaves behind does not depend on the engine; what a resumed run computes does depend on it. Each process
  // takes several times as long on the native engine, so one run meets everything.
  it(
    'ends with the same bits on the native engine, after an interruption, with no room for the compiled step, and killed',
    { tags: 'native-engine' },
    async () => {
      const expected = await undisturbedRun('fastest');
      const out = join(await temporaryFolder(), 'run');
      await savesItsState(out, 'SIGINT', 'fastest', file.fastest);
      // TensorFlow gets the step as a file.
      const start = ['resume', out, '--quiet'];
      const noRoom = await runCli(start, { env: engines.fastest, largestFileKb: 100 });
      expect(noRoom).toMatchObject({ code: 1, stdout: '' });
      expect(noRoom.stderr).toMatch(
        /^error: A compiled graph passes through the folder of temporary files ".*", which cannot be written: EFBIG.* Variable TMPDIR names another one\.\n$/,
      );
      const random = createRandom(20261124, 'kills', 'fastest');
      const killed = { engine: 'fastest', out, start, atMost: 2, random } as const;
      expect(await killedRun(killed)).not.toEqual([]);
      await endsAsUndisturbed(out, 'fastest', expected);
    },
  );
});

describe('a run that is interrupted', () => {
  it('saves its state on SIGTERM, and ends with the same bits', async () => {
    const out = join(await temporaryFolder(), 'run');
    await savesItsState(out, 'SIGTERM', 'wasm', rarely);
    const resumed = await runCli(['resume', out, '--json']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/base: 2 epochs of 3 steps, .* resumed at epoch \d, step \d/);
    expect(JSON.parse(resumed.stdout)).toEqual(
      JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')),
    );
    expect(await resultsOf(out)).toEqual(undisturbed);
    await isFinished(out);
  });

  it('reports a full disk, keeps its last checkpoint, and resumes when there is space', async () => {
    const own = await temporaryFolder();
    const wide = await writeWide(own);
    const whole = join(own, 'whole');
    expect(await runCli(['run', wide, '--out', whole, '--quiet'])).toMatchObject({ code: 0 });
    const out = join(own, 'run');
    await interruptedRun(wide, out);
    const arm = join(out, 'checkpoints', 'base-seed0');
    const checkpoints = (await readdir(arm)).sort();
    // Enough for the log, but not for another checkpoint.
    expect(statSync(join(arm, checkpoints[0]!, 'state.safetensors')).size).toBeGreaterThan(2e6);
    const { code, stdout, stderr } = await runCli(['resume', out, '--quiet'], {
      largestFileKb: 1500,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: Run folder ".*" cannot be written: the file would be larger than allowed \(checkpoint\)\. .*"fixres resume"\.\n$/,
    );
    expect((await readdir(arm)).sort()).toEqual(checkpoints);
    for (const name of checkpoints)
      execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: join(arm, name) });
    expect(parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).at(-1)!.type).toBe(
      'run-failed',
    );
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    const weights = (run: string): Promise<Buffer> =>
      readFile(join(run, 'models', 'base-seed0', 'weights.bin'));
    expect((await weights(out)).equals(await weights(whole))).toBe(true);
  });

  it('trains an arm again if its checkpoint is damaged, reports this, and counts its epochs once', async () => {
    const own = await temporaryFolder();
    const logged = await writeExperiment(own, 'logged', {
      ...tinyExperiment,
      dataset: join(folder, 'photos'),
      logs: ['csv'],
    });
    const out = join(own, 'run');
    await interruptedRun(logged, out, { when: /tuned: [^]*epoch {2}1/ });
    const finished = join(out, 'checkpoints', 'base-seed0', 'finished', 'weights.safetensors');
    await writeFile(finished, (await readFile(finished)).subarray(0, 100));
    const { code, stdout, stderr } = await runCli(['resume', out]);
    expect({ code, stdout: stdout === '' }).toEqual({ code: 0, stdout: false });
    expect(stderr).toContain(
      'warning: The saved state of arm "base" with seed 0 is damaged or missing; it is trained again.',
    );
    expect(stderr).toContain(', as the run began');
    const events = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8'));
    const epochs = settledEvents(events)
      .filter((event) => event.type === 'epoch')
      .map(({ arm, epoch }) => `${arm} ${epoch}`);
    expect(epochs).toHaveLength(6);
    expect(new Set(epochs).size).toBe(6);
    const table = (await readFile(join(out, 'epochs.csv'), 'utf8'))
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 3).join(' '));
    expect(table.sort()).toEqual(
      ['base', 'stats', 'tuned'].flatMap((arm) => [1, 2].map((epoch) => `${arm} 0 ${epoch}`)),
    );
    expect(await resultsOf(out)).toEqual(undisturbed);
  });

  it('reports which checkpoint it cannot read, and deletes nothing', async () => {
    const out = join(await temporaryFolder(), 'run');
    await interruptedRun(rarely, out);
    const arm = join(out, 'checkpoints', 'base-seed0');
    const [name] = await readdir(arm);
    // Even a user who may read everything cannot read a folder as a file.
    const state = join(arm, name!, 'state.json');
    await rename(state, `${state}.aside`);
    await mkdir(state);
    const { code, stdout, stderr } = await runCli(['resume', out, '--quiet']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: Run folder ".*" cannot be read: EISDIR: [^\n]* \(checkpoint\)\. Nothing was changed: repair it, then run "fixres resume"\.\n$/,
    );
    await rm(state, { recursive: true });
    await rename(`${state}.aside`, state);
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    expect(await resultsOf(out)).toEqual(undisturbed);
  });

  it('ends when its folder is removed, and does not create it again', async () => {
    const own = await temporaryFolder();
    const out = join(own, 'run');
    let isRemoved = false;
    const { code, stdout, stderr } = await runCli(['run', rarely, '--out', out], {
      env: engines.wasm,
      onStderr: (text) => {
        if (isRemoved || !text.includes('epoch  1')) return;
        isRemoved = true;
        rmSync(out, { recursive: true });
      },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^error: Run folder ".*" was removed during the run, or another process took it\. Training since the last checkpoint is lost; nothing more is written\.$/,
    );
    expect(await readdir(own)).toEqual([]);
  });

  it('is not written by two processes at the same time', async () => {
    const out = join(await temporaryFolder(), 'run');
    let second: ReturnType<typeof runCli> | undefined;
    const first = await runCli(['run', rarely, '--out', out], {
      onStderr: (text) => {
        if (text.includes('epoch  1')) second ??= runCli(['resume', out]);
      },
    });
    expect(first.code).toBe(0);
    const { code, stderr } = await second!;
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: (Process \d+ on|Run ".*" is finished)/);
    expect(await resultsOf(out)).toEqual(undisturbed);
  });

  it('can be resumed with images that were moved, but not with others', async () => {
    const own = await temporaryFolder();
    await cp(join(folder, 'photos'), join(own, 'photos'), { recursive: true });
    await copyFile(rarely, join(own, 'experiment.yaml'));
    const out = join(own, 'run');
    await interruptedRun(join(own, 'experiment.yaml'), out);
    await rename(join(own, 'photos'), join(own, 'moved'));
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 2, stdout: '' });
    const moved = ['--data', join(own, 'moved')];
    // A copy in another place counts as the same images.
    await cp(out, join(own, 'copy'), { recursive: true });
    // The state after a process was killed just after its start, or of an earlier version.
    const listed = await readFile(join(out, 'images.csv'), 'utf8');
    await rm(join(own, 'copy', 'images.csv'));
    expect(await runCli(['resume', join(own, 'copy'), '--quiet', ...moved])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await readFile(join(own, 'copy', 'images.csv'), 'utf8')).toBe(listed);
    expect(await resultsOf(join(own, 'copy'))).toEqual(undisturbed);
    await copyFile(join(own, 'moved', 'b', '3.png'), join(own, 'moved', 'a', '3.png'));
    const { code, stderr } = await runCli(['resume', out, '--quiet', ...moved]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: The (training|held-out) images of .*moved are not those that run ".*" began with\.\n$/,
    );
  });
});

describe('fixres run', () => {
  it('refuses a file that is not an experiment, in one line, and writes nothing', async () => {
    const own = await temporaryFolder();
    const wrong = join(own, 'wrong.yaml');
    await writeFile(wrong, 'version: 1\ndataset: synthetic\npreset: quick\nepochs: many\n');
    const { code, stdout, stderr } = await runCli(['run', wrong, '--out', join(own, 'run')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^error: Experiment file ".*wrong\.yaml": epochs is "many": expected number, received string\.\n$/,
    );
    expect(await readdir(own)).toEqual(['wrong.yaml']);
  });
});

async function savesItsState(
  out: string,
  signal: NodeJS.Signals,
  engine: Engine,
  experimentFile: string,
): Promise<void> {
  const stderr = await interruptedRun(experimentFile, out, { signal, env: engines[engine] });
  expect(stderr).toMatch(
    /Interrupted\. The run so far is in .*run\. Resume it with: fixres resume .*run\n$/,
  );
  const events = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8'));
  expect(events.slice(-2).map(({ type }) => type)).toEqual(['checkpoint', 'run-interrupted']);
  expect(await readdir(out)).not.toContain('lock');
}

async function isFinished(out: string): Promise<void> {
  expect(await runCli(['resume', out])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('is finished; there is nothing to resume') as string,
  });
}

/**
 * Starts a run with the given words and resumes it until it is finished, while killing its process
 * at most the given number of times.
 *
 * @returns what it was doing at each kill
 */
async function killedRun({
  engine,
  out,
  start,
  atMost,
  random,
}: {
  engine: Engine;
  out: string;
  start: string[];
  atMost: number;
  random: Random;
}): Promise<string[]> {
  const env = engines[engine];
  const log = join(out, 'events.jsonl');
  const places: string[] = [];
  let args = start;
  for (;;) {
    // By time during startup, and by progress during work, so that the speed of the machine
    // does not matter.
    const moment: Moment =
      random.next() < 0.15
        ? { milliseconds: random.uniform(0, 900) }
        : { log, bytes: random.int(6000), milliseconds: random.uniform(0, 40) };
    const isKilled = places.length < atMost;
    const { code, stderr } = await runKilled(args, env, isKilled ? moment : undefined);
    if (code !== null) {
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return places;
    }
    places.push(existsSync(log) ? await lastPlace(out) : 'nothing');
    // Killed when only the cleanup was left, which precedes the message.
    if (existsSync(join(out, 'summary.json'))) {
      await isFinished(out);
      return places;
    }
    // Killed before the run existed: start again.
    if (existsSync(join(out, 'config.json'))) args = ['resume', out, '--quiet'];
  }
}

/** A finished run has the given results, all events once and in order, and nothing that is temporary. */
async function endsAsUndisturbed(
  out: string,
  engine: Engine,
  expected: Record<string, string>,
): Promise<void> {
  expect(await resultsOf(out)).toEqual(expected);
  const events = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8'));
  expect(events.at(-1)!.type).toBe('run-end');
  expect((await readdir(out)).filter((name) => /^lock|partial$/.test(name))).toEqual([]);
  for (const arm of await readdir(join(out, 'checkpoints')))
    expect(await readdir(join(out, 'checkpoints', arm))).toEqual(['best']);
  expect(events.map(({ n }) => n)).toEqual([...events.keys()]);
  const epochs = settledEvents(events).filter((event) => event.type === 'epoch');
  expect(epochs).toHaveLength(engine === 'wasm' ? 6 : 4);
  expect(epochs.map(({ arm, epoch }) => `${arm} ${epoch}`)).toEqual([
    ...new Set(epochs.map(({ arm, epoch }) => `${arm} ${epoch}`)),
  ]);
}

/** Writes an experiment of one arm, whose training state has 2 MB. @returns its path */
async function writeWide(own: string): Promise<string> {
  return await writeExperiment(own, 'wide', {
    ...tinyExperiment,
    dataset: join(folder, 'photos'),
    arms: tinyExperiment.arms.slice(0, 1),
    model: { name: 'resnet14v2', width: 16 },
  });
}

/**
 * Starts a run and interrupts it while its first arm trains. Returns its output. On a busy machine,
 * the signal may arrive after the arm is trained; then another run is started.
 */
async function interruptedRun(
  experimentFile: string,
  out: string,
  {
    signal = 'SIGINT',
    when = 'epoch  1',
    env,
  }: { signal?: NodeJS.Signals; when?: string | RegExp; env?: RunCliOptions['env'] } = {},
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const { code, stdout, stderr } = await runCli(['run', experimentFile, '--out', out], {
      env,
      onStderr: whenSaid(when, signal),
    });
    const types = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).map(
      ({ type }) => type,
    );
    if (when === 'epoch  1' && types.includes('frozen-verified') && attempt < 6) {
      await rm(out, { recursive: true });
      continue;
    }
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    return stderr;
  }
}

/** When to kill a process: some milliseconds after its start, or after a log grew by some bytes. */
interface Moment {
  milliseconds: number;
  log?: string;
  bytes?: number;
}

/** Runs the command line and kills it at the given moment, if any, unless it ended before. */
async function runKilled(
  args: readonly string[],
  env: RunCliOptions['env'],
  moment: Moment | undefined,
): Promise<CliResult> {
  if (moment === undefined) return await runCli(args, { env });
  const { milliseconds, log, bytes = 0 } = moment;
  const sizeOfLog = (): number => (log !== undefined && existsSync(log) ? statSync(log).size : 0);
  const before = sizeOfLog();
  let watch: NodeJS.Timeout | undefined;
  const onStart = (kill: Kill): void => {
    let from = log === undefined ? performance.now() : undefined;
    watch = setInterval(() => {
      if (from === undefined && sizeOfLog() > before + bytes) from = performance.now();
      if (from !== undefined && performance.now() - from >= milliseconds) kill('SIGKILL');
    }, 2);
  };
  try {
    return await runCli(args, { env, onStart });
  } finally {
    clearInterval(watch);
  }
}

/** What the run was doing. */
async function lastPlace(out: string): Promise<string> {
  const last = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).at(-1);
  return last === undefined
    ? 'nothing'
    : [last.type, 'arm' in last ? last.arm : '', 'phase' in last ? last.phase : ''].join(' ');
}
