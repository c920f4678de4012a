import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseEvents } from '@fixres/runs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInPty } from './in-pty.ts';
import { runCli, suiteFolder, temporaryFolder } from './run-cli.ts';
import { resultsOf, tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';
import { whenSaid } from './when-said.ts';

let folder: string;
let file: string;
let undisturbed: Record<string, string>;

beforeAll(async () => {
  folder = await suiteFolder();
  await writeTinyPhotos(folder);
  file = await writeExperiment(folder, 'experiment', tinyExperiment);
  const out = join(folder, 'undisturbed');
  expect(await runCli(['run', file, '--out', out, '--quiet'])).toMatchObject({
    code: 0,
    stderr: '',
  });
  undisturbed = await resultsOf(out);
});

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it('while the images are checked leaves nothing behind', async () => {
    const own = await temporaryFolder();
    // Slow to decode.
    for (const name of ['a', 'b']) {
      await mkdir(join(own, 'photos', name), { recursive: true });
      const picture = await sharp({
        create: { width: 2500, height: 2500, channels: 3, background: '#306090' },
      })
        .png({ compressionLevel: 1 })
        .toBuffer();
      for (let n = 0; n < 40; n++) await writeFile(join(own, 'photos', name, `${n}.png`), picture);
    }
    const out = join(own, 'run');
    const large = await writeExperiment(own, 'large', tinyExperiment);
    const { code, stdout, stderr } = await runCli(['run', large, '--out', out], {
      onStderr: whenSaid('Engine:', signal),
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/Interrupted\. Nothing was written\.\n$/);
    expect(existsSync(out)).toBe(false);
  });

  it('during the last evaluations of an arm, and again when the run is resumed, does not change a bit', async () => {
    const out = join(await temporaryFolder(), 'run');
    const first = await runCli(['run', file, '--out', out, '--quiet', '--ndjson'], {
      onStdout: whenSaid('"type":"frozen-verified"', signal),
    });
    expect(first.code).toBe(130);
    expect(first.stderr).toMatch(
      /Interrupted\. The run so far is in .*run\. Resume it with: fixres resume .*run\n$/,
    );
    const types = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).map(
      ({ type }) => type,
    );
    expect(types.slice(types.indexOf('frozen-verified'))).not.toContain('arm-end');
    expect(types.at(-1)).toBe('run-interrupted');

    const second = await runCli(['resume', out], { onStderr: whenSaid('Engine:', signal) });
    expect(second).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringMatching(
        /Interrupted\. The run so far is in .*run\. Resume it with: fixres resume .*run\n$/,
      ) as string,
    });
    expect(await readdir(out)).not.toContain('lock');

    const last = await runCli(['resume', out]);
    expect(last.code).toBe(0);
    expect(last.stderr).toContain('base: trained already, goes on with its tests');
    expect(await resultsOf(out)).toEqual(undisturbed);
  });
});

describe('the end of a terminal', () => {
  it('interrupts a run that uses it, like Ctrl-C', { tags: 'python3' }, async () => {
    const own = await temporaryFolder();
    const out = join(own, 'run');
    const { code } = await runInPty(['run', file, '--out', out], {
      cwd: own,
      answers: [['epoch', null]],
    });
    // Ended by the signal, as usual after a cleanup.
    expect(code).toBe(256 - constants.signals.SIGHUP);
    const types = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).map(
      ({ type }) => type,
    );
    expect(types.slice(-2)).toEqual(['checkpoint', 'run-interrupted']);
    expect(await readdir(out)).not.toContain('lock');
    expect(await runCli(['resume', out, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
    expect(await resultsOf(out)).toEqual(undisturbed);
  });

  it('does not end a run that does not use it, as under nohup', async () => {
    const out = join(await temporaryFolder(), 'run');
    expect(
      await runCli(['run', file, '--out', out], {
        // The shared process has the terminal of the tests.
        ownProcess: true,
        onStderr: whenSaid('epoch', 'SIGHUP'),
      }),
    ).toMatchObject({ code: 0 });
    expect(await resultsOf(out)).toEqual(undisturbed);
  });
});
