import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { parseEvents, type RunConfig, type Summary } from '@fixres/runs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli, suiteFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';

const [base, tuned] = tinyExperiment.arms as [{ name: string }, { name: string }];
/** Two trials: one of two arms, and one whose length follows from the first. */
const experiment = {
  ...tinyExperiment,
  arms: [
    base,
    { ...tuned, epochs: 1 },
    {
      ...base,
      name: 'large',
      epochs: undefined,
      cost: { equalTo: 'tuned' },
      schedule: { type: 'constant', rate: 0.05 },
    },
  ],
  comparisons: [{ a: 'tuned', b: 'large' }],
};
const env = { FIXRES_ENGINE: 'wasm' };

describe('fixres sweep', async () => {
  const cwd = await suiteFolder();
  const sweep = join(cwd, 'sweep');
  const withPrograms = { ...env, PATH: `${join(cwd, 'bin')}${delimiter}${process.env.PATH ?? ''}` };

  /** Writes a program for sh, in place of one that is not installed everywhere. */
  async function writeProgram(name: string, script: string): Promise<string> {
    const file = join(cwd, 'bin', name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** Everything in a folder of a run that must be the same bit by bit. */
  async function filesOf(run: string, name: string): Promise<Record<string, string>> {
    const folder = join(run, name);
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const contents: Record<string, string> = {};
    for (const file of files.filter((each) => each.isFile())) {
      const path = join(file.parentPath, file.name);
      contents[path.slice(folder.length)] = await readFile(path, 'base64');
    }
    return contents;
  }

  async function resultOf(run: string): Promise<unknown> {
    const { seconds, engine, arms, ...rest } = JSON.parse(
      await readFile(join(run, 'summary.json'), 'utf8'),
    ) as Summary;
    return {
      ...rest,
      engine: engine.name,
      hasTime: seconds > 0,
      arms: arms.map(({ trainSeconds, peakRssMb, curves, ...arm }) => ({
        ...arm,
        isMeasured: trainSeconds > 0 && peakRssMb > 0,
        curves: curves.map(({ seed, epochs }) => ({
          seed,
          epochs: epochs.map(({ epoch, loss, accuracy, heldOutAccuracy }) => [
            epoch,
            loss,
            accuracy,
            heldOutAccuracy,
          ]),
        })),
      })),
    };
  }

  beforeAll(async () => {
    await mkdir(join(cwd, 'bin'));
    await writeTinyPhotos(cwd);
    await writeExperiment(cwd, 'experiment', experiment);
    const { code, stderr } = await runCli(['run', 'experiment.yaml', '--out', 'whole', '--quiet'], {
      cwd,
      env,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('submits what has no result to Slurm, and shows what waits there', async () => {
    await writeProgram('sbatch', `cat >'${join(cwd, 'script')}'; echo 7`);
    await writeProgram('squeue', "echo '1 PENDING'");
    const start = ['sweep', 'start', 'experiment.yaml', '--out', 'sweep', '--on', 'slurm'];
    const { code, stdout } = await runCli([...start, '--json'], { cwd, env: withPrograms });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      submitted: ['base@0', 'large@0'],
      trials: [
        { trial: 'base@0', state: 'waiting' },
        { trial: 'large@0', state: 'queued' },
      ],
    });
    expect(await readFile(join(cwd, 'script'), 'utf8')).toMatch(
      /\n#SBATCH --array=0-1\n[^]*\nexec .* sweep trial \S+ base@0 large@0\n$/,
    );
    // Again: only what does not wait.
    const again = await runCli(['sweep', 'resume', 'sweep', '--json'], { cwd, env: withPrograms });
    expect(JSON.parse(again.stdout)).toMatchObject({ submitted: ['base@0'] });
    await writeProgram('squeue', 'echo no controller >&2; exit 1');
    const status = await runCli(['sweep', 'status', 'sweep'], { cwd, env: withPrograms });
    expect(status).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^base@0 +waiting\nlarge@0 +waiting\n\n2 trials: 2 waiting\./,
      ) as string,
      stderr: expect.stringMatching(
        /^warning: Which trials are queued is not known\. squeue failed: no controller\n/,
      ) as string,
    });
  });

  it('chooses among arms round by round, and leaves an experiment with fresh seeds', async () => {
    const names = ['a', 'b', 'lucky', 'c', 'd', 'e'];
    const plain = { ...base, epochs: 1, schedule: { type: 'constant', rate: 0.05 } };
    await writeExperiment(cwd, 'choice', {
      ...experiment,
      dataset: { source: 'photos', holdBack: 0.25 },
      arms: names.map((name) => ({ ...plain, name })),
      comparisons: [{ a: 'a', b: 'b' }],
      seeds: [4, 0],
    });
    // Each trial is the finished run of another experiment, with an accuracy that is given here.
    const summary = JSON.parse(
      await readFile(join(cwd, 'whole', 'summary.json'), 'utf8'),
    ) as Summary;
    const last = summary.arms.at(-1)!;
    const scores = {
      a: [0.1, 0],
      b: [0.5, 0.5],
      lucky: [0.9, 0.2],
      c: [0.2, 0],
      d: [0.7, 0.7],
      e: [0, 0],
    };
    await mkdir(join(cwd, 'scores'));
    for (const [name, accuracies] of Object.entries(scores))
      for (const [i, accuracy] of accuracies.entries()) {
        last.evaluations[last.ownEvaluation]!.accuracy = accuracy;
        await writeFile(join(cwd, 'scores', `${name}@${5 + i}.json`), JSON.stringify(summary));
      }
    const program = await writeProgram(
      'copying',
      `run="$3/trials/$4/attempt-1"; mkdir -p "$run"; cp -r '${cwd}/whole/.' "$run"; cp '${cwd}/scores/'"$4.json" "$run/summary.json"`,
    );
    const start = ['sweep', 'start', 'choice.yaml', '--out', 'choice', '--halving', 'seeds'];
    const { code, stdout, stderr } = await runCli(
      [...start, '--reduction', '2', '--program', program, '--json'],
      { cwd, env },
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.not.stringContaining('error') as string,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      submitted: ['a@5', 'b@5', 'lucky@5', 'c@5', 'd@5', 'e@5', 'lucky@6', 'd@6', 'b@6'],
      // The lucky arm was the best with the first seed.
      halving: {
        ...{ over: 'seeds', round: 2, rounds: 2, isDecided: true },
        ...{ left: ['d', 'lucky'], baseline: 'a', next: [] },
      },
    });
    const status = await runCli(['sweep', 'status', 'choice'], { cwd, env });
    expect(status.stdout).toMatch(
      /\n9 trials: 9 finished\. Halving: d, lucky left\. The accuracies that they were chosen by are too high, because chance helped to choose\. d, lucky can be compared with a with fresh seeds on the held-out images: fixres sweep start choice\/survivors\.yaml --out choice-final\n$/,
    );
    const survivors = await runCli(
      ['sweep', 'start', 'choice/survivors.yaml', '--out', 'final', '--dry-run'],
      { cwd, env },
    );
    expect(survivors.stdout).toBe('a@4\nlucky@4\nd@4\na@0\nlucky@0\nd@0\n');
    const written = await readFile(join(cwd, 'choice', 'survivors.yaml'), 'utf8');
    expect(written).toMatch(
      /comparisons:\n\s+- a: d\n\s+b: a\n\s+policy: own\n\s+- a: lucky\n\s+b: a\n/,
    );
    // The trials are evaluated on training images that are held back, the survivors are not.
    const ofTrials = await readFile(join(cwd, 'choice', 'experiment.yaml'), 'utf8');
    expect([ofTrials, written].map((text) => text.includes('evaluateOn: heldBack'))).toEqual([
      true,
      false,
    ]);
    // As on a cluster, where no process of ours waits for the last trial.
    await rm(join(cwd, 'choice', 'survivors.yaml'));
    const unwritten = await runCli(['sweep', 'status', 'choice'], { cwd, env });
    expect(unwritten.stdout).toMatch(
      /, after this command has written the experiment: fixres sweep resume choice\n$/,
    );
    const again = await runCli(['sweep', 'resume', 'choice'], { cwd, env });
    expect(again.stdout).toMatch(
      / held-out images: fixres sweep start \S+\/survivors\.yaml --out \S+-final\n$/,
    );
    const collect = await runCli(['sweep', 'collect', 'choice'], { cwd, env });
    expect(collect.code).toBe(1);
    expect(collect.stderr).toMatch(
      /^error: The sweep in "choice" only chooses among arms\. 9 trials/,
    );
  });

  it('halves over epochs with workers, on a cluster and on this machine', async () => {
    const plain = { ...base, schedule: { type: 'constant', rate: 0.05 } };
    await writeExperiment(cwd, 'epochs', {
      ...experiment,
      dataset: { source: 'photos', holdBack: 0.25 },
      arms: [
        plain,
        // Its loss is not finite after the first steps.
        { ...plain, name: 'wild', schedule: { type: 'constant', rate: 1e30 } },
        { ...tuned, epochs: 1 },
      ],
      comparisons: [],
    });
    await writeProgram('sbatch', `cat >'${join(cwd, 'script')}'; echo 7`);
    await writeProgram('squeue', "echo '0 RUNNING'");
    const start = ['sweep', 'start', 'epochs.yaml', '--out', 'halved', '--halving', 'epochs'];
    const chosen = [...start, '--reduction', '2', '--survivors', '1', '--json'];
    const submitted = await runCli([...chosen, '--on', 'slurm'], { cwd, env: withPrograms });
    expect(JSON.parse(submitted.stdout)).toMatchObject({
      workers: 2,
      trials: [{ trial: 'base@1', state: 'waiting', rung: null }, { trial: 'wild@1' }],
      halving: { isDecided: false, left: [], rungs: [{ epochs: 1 }, { epochs: 2 }] },
    });
    const script = await readFile(join(cwd, 'script'), 'utf8');
    const [, workers] = / sweep work \S+ (.*)\n$/.exec(script)!;
    // A worker is still there, so none is added.
    const none = await runCli(['sweep', 'resume', 'halved', '--json'], { cwd, env: withPrograms });
    expect(JSON.parse(none.stdout)).toMatchObject({ workers: 0 });
    expect(none.stdout).toContain('"workers":1');
    await writeProgram('scancel', `echo "$@" >'${join(cwd, 'cancelled')}'`);
    const cancel = await runCli(['sweep', 'cancel', 'halved'], { cwd, env: withPrograms });
    expect(cancel.stdout).toMatch(/^Cancelled fixres-[\da-f]{8}\.0\. /);
    expect(await readFile(join(cwd, 'cancelled'), 'utf8')).toMatch(/^--name=fixres-[\da-f]{8}\n$/);
    const work = ['sweep', 'work', 'halved', ...workers!.split(' '), '--quiet', '--json'];
    const { code, stdout } = await runCli(work, {
      cwd,
      env: { ...withPrograms, SLURM_ARRAY_TASK_ID: '0' },
    });
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as { trials: { rung: { accuracies: number[] } }[] };
    expect(result).toMatchObject({
      trials: [
        { state: 'survivor', rung: { epochs: 2 } },
        { state: 'diverged', rung: { epochs: 1, accuracies: [null] } },
      ],
      halving: { isDecided: true, left: ['base'], rungs: [{ arms: 2 }, { arms: 1 }] },
    });
    expect(result.trials[0]!.rung.accuracies).toHaveLength(2);

    // Nothing that stopped has a result.
    const run = join(cwd, 'halved', 'trials', 'base@1', 'attempt-1');
    expect(await readdir(join(run, 'predictions'))).toEqual([]);
    expect(await readdir(run)).not.toContain('summary.json');
    const compared = await runCli(['compare', run, run], { cwd, env });
    expect(compared.stderr).toMatch(/^error: There are not two arms with predictions/);
    // What is finished by hand has one, which is marked.
    const finished = join(cwd, 'finished');
    await cp(join(cwd, 'whole'), finished, { recursive: true });
    const config = JSON.parse(await readFile(join(finished, 'config.json'), 'utf8')) as RunConfig;
    const dataset = { ...config.dataset, evaluateOn: 'heldBack' };
    await writeFile(join(finished, 'config.json'), JSON.stringify({ ...config, dataset }));
    const marked = await runCli(['compare', 'finished'], { cwd, env });
    expect(marked).toMatchObject({
      code: 0,
      stderr:
        'warning: Run "finished" is evaluated on training images that are held back, to choose among arms; its accuracies are no results.\n',
    });

    await writeProgram('squeue', 'true');
    const written = await runCli(['sweep', 'resume', 'halved'], { cwd, env: withPrograms });
    expect(written.stdout).toMatch(
      /^2 trials: 1 survivor, 1 diverged\. Halving: base left\. .* No arm is better than base, which can be trained with fresh seeds on the held-out images: fixres sweep start \S+survivors\.yaml --out \S+ --on slurm\n$/,
    );
    const trial = ['sweep', 'trial', 'halved', 'base@1', '--until-epoch', '2', '--quiet'];
    expect((await runCli(trial, { cwd, env })).stdout).toMatch(
      /^Trial base@1 is paused after 2 epochs: \d+\.\d % of the held-back images\n$/,
    );

    // On this machine, with a trial that fails.
    const program = await writeProgram('no-trial', 'exit 1');
    const local = [...start, '--reduction', '2', '--survivors', '1', '--max-parallel', '2'];
    const failed = await runCli([...local, '--out', 'unhalved', '--program', program], {
      cwd,
      env,
    });
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(
      /^2 trials: 2 failed\. Halving over epochs: 0 arms after 1 epoch, 0 after 2\. Go on with: fixres sweep resume \S+\n$/,
    );
    expect(failed.stderr).toMatch(
      /warning: Trial base@1 failed before 1 epoch \(rung 1 of 2\): its output is in \S+base@1\.log\n[^]*error: 2 trials failed; the first is base@1: its output is in /,
    );
  });

  it('runs the trial that the index of a job selects', async () => {
    const trial = ['sweep', 'trial', 'sweep', 'base@0', 'large@0', '--quiet'];
    const none = await runCli(trial, { cwd, env });
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(
      /^error: none of SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX is set/,
    );
    const beyond = await runCli(trial, { cwd, env: { ...env, JOB_COMPLETION_INDEX: '2' } });
    expect(beyond.stderr).toBe(
      'error: JOB_COMPLETION_INDEX is 2; it must be a whole number from 0 to 1.\n',
    );
    const { code, stderr } = await runCli(trial, {
      cwd,
      env: { ...env, SLURM_ARRAY_TASK_ID: '0' },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const run = join(sweep, 'trials', 'base@0', 'attempt-1');
    const config = JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as RunConfig;
    expect(config.experiment.arms.map(({ name }) => name)).toEqual(['base', 'tuned']);
    expect(config.part?.of.arms.map(({ name }) => name)).toEqual(['base', 'tuned', 'large']);
  });

  it('leaves the trials of a scheduler to it when cancelled, so that they save their state', async () => {
    await writeProgram('sbatch', 'echo 8');
    await writeProgram('squeue', "echo '0 RUNNING'");
    const owner = join(cwd, 'ended', 'trials', 'base@0', 'attempt-1', 'lock');
    await writeProgram(
      'scancel',
      `kill -TERM "$(grep -o '"pid":[0-9]*' '${owner}' | cut -d: -f2)"`,
    );
    const start = ['sweep', 'start', 'experiment.yaml', '--out', 'ended', '--on', 'slurm'];
    expect((await runCli(start, { cwd, env: withPrograms })).code).toBe(0);
    let cancel: ReturnType<typeof runCli> | undefined;
    const { code } = await runCli(['sweep', 'trial', 'ended', 'base@0'], {
      ...{ cwd, env: withPrograms, ownProcess: true },
      onStderr: (text) => {
        if (text.includes('epoch'))
          cancel ??= runCli(['sweep', 'cancel', 'ended'], { cwd, env: withPrograms });
      },
    });
    expect(code).toBe(130);
    expect((await cancel!).stdout).toMatch(/^Cancelled base@0\. /);
    const events = await readFile(join(owner, '..', 'events.jsonl'), 'utf8');
    expect(parseEvents(events).at(-1)).toMatchObject({ type: 'run-interrupted' });
    expect(await readdir(join(owner, '..'))).not.toContain('lock');
  });

  it('has no result before all trials have one', async () => {
    // A scheduler that is installed here knows nothing of these trials, and its controller may be out of reach.
    await writeProgram('squeue', '');
    const { code, stdout, stderr } = await runCli(['sweep', 'collect', 'sweep'], {
      cwd,
      env: withPrograms,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: The sweep in "sweep" has no result yet\. 2 trials: 1 finished, 1 waiting\. .*\n$/,
    );
    expect(await readdir(sweep)).not.toContain('run');
  });

  it('reports trials that fail on this machine, and runs the others', async () => {
    const program = await writeProgram('failing', 'echo "$*"; exit 1');
    const start = ['sweep', 'start', 'experiment.yaml', '--out', 'failing', '--program', program];
    const { code, stderr } = await runCli(start, { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^warning: Trial base@0 failed \(1 of 2\); its output is in \S+base@0.log\nwarning: Trial large@0 failed \(2 of 2\).*\nerror: 2 trials failed; the first is base@0\n$/,
    );
    expect(await readFile(join(cwd, 'failing', 'logs', 'large@0.log'), 'utf8')).toBe(
      `sweep trial ${join(cwd, 'failing')} large@0\n`,
    );
  });

  it('interrupts the trials of this machine at Ctrl-C, and says how to resume them', async () => {
    const program = await writeProgram(
      'waiting',
      'trap "echo interrupted; exit 130" INT; echo started; while :; do sleep 0.1; done',
    );
    const start = ['sweep', 'start', 'experiment.yaml', '--out', 'stopped', '--max-parallel', '2'];
    const logs = ['base@0', 'large@0'].map((name) => join(cwd, 'stopped', 'logs', `${name}.log`));
    const { code, stderr } = await runCli([...start, '--program', program], {
      cwd,
      env,
      onStart: (kill) => {
        const timer = setInterval(() => {
          void Promise.all(logs.map((log) => readFile(log, 'utf8'))).then(
            (texts) => {
              if (!texts.every((text) => text === 'started\n')) return;
              clearInterval(timer);
              kill('SIGINT');
            },
            () => undefined,
          );
        }, 50);
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/base@0: interrupted\n[^]*Interrupted\. .* fixres sweep resume \S+\n$/);
    for (const log of logs) expect(await readFile(log, 'utf8')).toBe('started\ninterrupted\n');
    expect(await readdir(join(cwd, 'stopped'))).not.toContain('lock');
  });

  it('gives the predictions, models and summary of one run of everything', async () => {
    // The rest, on this machine instead.
    const start = await runCli(['sweep', 'start', 'experiment.yaml', '--out', 'sweep', '--json'], {
      cwd,
      env: { ...withPrograms, ...(await programsWithoutJobs()) },
    });
    expect(JSON.parse(start.stdout)).toMatchObject({ submitted: ['large@0'] });
    const collect = ['sweep', 'collect', 'sweep', '--quiet', '--json'];
    const { code, stdout, stderr } = await runCli(collect, { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [whole, run] = [join(cwd, 'whole'), join(sweep, 'run')];
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')),
    );
    for (const name of ['predictions', 'models', 'checkpoints']) {
      const files = await filesOf(whole, name);
      expect(Object.keys(files).length).toBeGreaterThan(2);
      expect(await filesOf(run, name)).toEqual(files);
    }
    expect(await resultOf(run)).toEqual(await resultOf(whole));
    const again = await runCli(collect, { cwd, env });
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is not empty\./) as string,
    });
  });

  /** Slurm has ended all jobs. */
  async function programsWithoutJobs(): Promise<object> {
    await writeProgram('squeue', 'true');
    return {};
  }

  it('refuses trials that were computed with other settings', async () => {
    await rm(join(sweep, 'run'), { recursive: true });
    const file = join(sweep, 'trials', 'large@0', 'attempt-1', 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as RunConfig;
    await writeFile(file, JSON.stringify({ ...config, engine: 'cpu' }));
    const { code, stderr } = await runCli(['sweep', 'collect', 'sweep'], { cwd, env });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: Trials "base@0" and "large@0" differ in the engine; all trials of a run have the same.\n',
    });
  });

  it.each([
    [['status', 'nowhere'], /^error: "nowhere" is not a sweep: it has no sweep\.json\./],
    [['start', 'experiment.yaml', '--out', 'whole'], /^error: folder "\S+whole" is not empty/],
    [
      ['start', 'experiment.yaml', '--out', 'sweep', '--seeds', '1,'],
      /^error: "\S+sweep" contains a sweep of another experiment\./,
    ],
    [
      ['start', 'experiment.yaml', '--out', 'new', '--on', 'ray', '--max-parallel', '2'],
      /^error: Option --max-parallel is for --on local or slurm or kubernetes, and --on is ray; Ray/,
    ],
    [
      ['start', 'experiment.yaml', '--out', 'new', '--halving', 'epochs', '--survivors', '1'],
      /^error: Option --halving cannot be used: the length of arm "large" follows from the cost of another arm/,
    ],
    [
      ['start', 'experiment.yaml', '--out', 'new', '--survivors', '1'],
      /^error: Option --survivors goes with --halving only\./,
    ],
    [
      ['start', 'experiment.yaml', '--out', 'new', '--halving', 'seeds', '--min-epochs', '2'],
      /^error: Option --min-epochs goes with --halving epochs only\./,
    ],
    [['trial', 'sweep', 'small@7'], /^error: Trial "small@7" does not exist;/],
    [
      ['trial', 'sweep', 'base@0', '--until-epoch', '1'],
      /^error: Option --until-epoch is for sweeps with --halving epochs only\./,
    ],
    [['trial', 'halved', 'base@1'], /^error: Option --until-epoch is missing, which trials/],
    [
      ['trial', 'halved', 'base@1', '--until-epoch', '3'],
      /^error: Option --until-epoch is 3; the trials have 2 epochs\./,
    ],
    [['work', 'halved', 'fixres-0.0'], /^error: Worker "fixres-0\.0" does not exist;/],
  ])('%j is refused in one line', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['sweep', ...args], { cwd, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
