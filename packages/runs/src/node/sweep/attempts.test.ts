import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@fixres/testing';
import { describe, expect, it } from 'vitest';
import { ownLock } from '../lock/lock-owner.ts';
import { newAttempt, trialState } from './attempts.ts';

const elsewhere = JSON.stringify({ pid: 1, host: `not-${hostname()}`, started: null });
const event = (n: number, type: string): string =>
  `${JSON.stringify({ n, time: new Date(n).toISOString(), type })}\n`;

/** Writes the files of an attempt. */
async function attempt(
  trial: string,
  number: number,
  files: Record<string, string>,
): Promise<string> {
  const folder = join(trial, `attempt-${number}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const config = JSON.stringify({ experiment: { arms: [], seeds: [] } });

describe('the next attempt of a trial', () => {
  it('is the first one if there is none', async () => {
    const trial = join(await temporaryFolder(), 'small@0');
    expect(await trialState(trial)).toMatchObject({ state: 'waiting', folder: null, attempts: 0 });
    expect(await newAttempt(trial)).toEqual({ folder: join(trial, 'attempt-1'), todo: 'run' });
  });

  it('resumes the run of a process of this machine that no longer exists', async () => {
    const trial = await temporaryFolder();
    const lock = JSON.stringify({ ...ownLock(), started: 'another boot/1' });
    const folder = await attempt(trial, 1, { 'config.json': config, lock });
    expect(await trialState(trial)).toMatchObject({ state: 'crashed', folder, attempts: 1 });
    expect(await newAttempt(trial)).toEqual({ folder, todo: 'resume' });
  });

  it('starts in the folder of a process that was killed before its run began', async () => {
    const trial = await temporaryFolder();
    const folder = await attempt(trial, 1, { 'environment.json': '{}' });
    expect(await trialState(trial)).toMatchObject({ state: 'waiting' });
    expect(await newAttempt(trial)).toEqual({ folder, todo: 'run' });
  });

  it('is refused while a process of this machine runs the trial', async () => {
    const trial = await temporaryFolder();
    await attempt(trial, 1, { 'config.json': config, lock: JSON.stringify(ownLock()) });
    await expect(newAttempt(trial)).rejects.toMatchObject({ code: 'run-locked' });
    expect(await readdir(trial)).toEqual(['attempt-1']);
  });

  it('resumes a copy of the run of another machine, which may still write to its own', async () => {
    const trial = await temporaryFolder();
    const old = await attempt(trial, 1, {
      'config.json': config,
      'events.jsonl': event(0, 'run-start'),
      'checkpoints/a-seed0/00000001/state.json': 'state',
      'checkpoints/a-seed0/00000002.partial/state.json': 'half',
      'models/a-seed0/model.json': 'model',
      'images.csv': 'images',
      'summary.json.7.partial': 'half',
      lock: elsewhere,
    });
    const folder = join(trial, 'attempt-2');
    expect(await newAttempt(trial)).toEqual({ folder, todo: 'resume' });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'checkpoints',
      'checkpoints/a-seed0',
      'checkpoints/a-seed0/00000001',
      'checkpoints/a-seed0/00000001/state.json',
      'config.json',
      'events.jsonl',
      'images.csv',
      'models',
      'models/a-seed0',
      'models/a-seed0/model.json',
    ]);
    await writeFile(join(old, 'events.jsonl'), event(1, 'warning'), { flag: 'a' });
    expect(await readFile(join(folder, 'events.jsonl'), 'utf8')).toBe(event(0, 'run-start'));
    expect((await readdir(trial)).sort()).toEqual(['attempt-1', 'attempt-2']);
  });

  it('is a new run if the other machine has written no configuration', async () => {
    const trial = await temporaryFolder();
    await attempt(trial, 1, { lock: elsewhere });
    expect(await newAttempt(trial)).toEqual({ folder: join(trial, 'attempt-2'), todo: 'run' });
  });

  it('is none after one that finished, also if it is not the latest', async () => {
    const trial = await temporaryFolder();
    const finished = { 'config.json': config, 'summary.json': '{}' };
    const folder = await attempt(trial, 2, finished);
    await attempt(trial, 10, { 'config.json': config, lock: elsewhere });
    await attempt(trial, 1, { 'config.json': config });
    expect(await trialState(trial)).toMatchObject({ state: 'finished', folder, attempts: 3 });
    expect(await newAttempt(trial)).toEqual({ folder, todo: 'nothing' });
  });

  it('lets one of several processes begin it', async () => {
    const trial = await temporaryFolder();
    await attempt(trial, 1, { 'config.json': config, lock: elsewhere });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => newAttempt(trial)));
    const folders = results.flatMap((each) =>
      each.status === 'fulfilled' ? [each.value.folder] : [],
    );
    // A late one finds the second attempt, without a lock.
    expect(new Set(folders)).toEqual(new Set([join(trial, 'attempt-2')]));
    for (const each of results)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'run-locked' });
    expect((await readdir(trial)).sort()).toEqual(['attempt-1', 'attempt-2']);
  });
});
