import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvents, type Summary } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { type CliResult, fixres, runCli, temporaryFolder } from './run-cli.ts';

/**
 * Runs a line of bash in which `fixres` is the built command line; exits with the code of the first
 * program in a pipe.
 */
async function bash(line: string, cwd: string): Promise<CliResult> {
  const script = `fixres() { "${fixres.join('" "')}" "$@"; }\n${line}\nexit "\${PIPESTATUS[0]}"`;
  return new Promise((resolve) => {
    const child = execFile('bash', ['-c', script], { cwd }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const eventsOf = async (run: string) =>
  parseEvents(await readFile(join(run, 'events.jsonl'), 'utf8'));

describe('a reader that exits early', () => {
  it.each([
    'completion bash',
    '--help',
    'ls . --json',
    'describe resnet14v2',
    'plan synthetic --train-size 64 --quiet',
  ])('does not disturb fixres %s', async (command) => {
    expect(await bash(`fixres ${command} | true`, await temporaryFolder())).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('from stderr does not disturb a training', async () => {
    const folder = await temporaryFolder();
    const { code, stdout } = await bash(
      'fixres train synthetic --model resnet14v2 --width 4 --image-size 32 --epochs 2 --limit 60 --json --out run 2> >(true)',
      folder,
    );
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Summary).arms).toHaveLength(1);
  });

  it('from the events interrupts the training, which can be resumed', async () => {
    const folder = await temporaryFolder();
    const train =
      'fixres train synthetic --model resnet14v2 --width 4 --image-size 32 --epochs 12 --limit 60 --ndjson --quiet --out "my run"';
    const { code, stdout, stderr } = await bash(
      `${train} | grep -m1 '"type":"checkpoint"'`,
      folder,
    );
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'checkpoint', epoch: 1 });
    expect(stderr).toMatch(
      /^warning: The events are not read any more; the run is interrupted\.\nInterrupted\. The run so far is in my run\. /,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    const run = join(folder, 'my run');
    expect((await eventsOf(run)).at(-1)!.type).toBe('run-interrupted');

    const resumed = await runCli(['resume', run, '--quiet', '--json']);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' });
    const starts = (await eventsOf(run)).filter((event) => event.type === 'arm-start');
    expect(starts).toHaveLength(2);
    expect(starts[1]!.from!.epoch).toBeGreaterThanOrEqual(1);
    expect((JSON.parse(resumed.stdout) as Summary).arms[0]!.curves[0]!.epochs).toHaveLength(12);
  });

  it('also interrupts it at the first event', async () => {
    const folder = await temporaryFolder();
    const { code, stdout } = await bash(
      'fixres reproduce synthetic --width 4 --small 32 --large 48 --epochs 300 --limit 60 --ndjson --out run | head -1',
      folder,
    );
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ n: 0, type: 'run-start' });
    expect((await eventsOf(join(folder, 'run'))).at(-1)!.type).toBe('run-interrupted');
  });

  it('differs from a full disk, which fails', { tags: 'linux' }, async () => {
    const { code, stderr } = await bash(
      'fixres describe resnet14v2 > /dev/full',
      await temporaryFolder(),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: The output cannot be written: ENOSPC.*\n$/);
  });
});
