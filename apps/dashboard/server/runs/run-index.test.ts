import { appendFile, mkdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownLock } from '@fixres/runs/read';
import { describe, expect, it } from 'vitest';
import { appendEvents, makeRun, progress, temporaryFolder } from '../../test/make-run.ts';
import { RunIndex } from './run-index.ts';
import { SILENT_AFTER_MS } from '@fixres/runs/events';

describe('RunIndex', () => {
  it('lists the states of runs, also in nested folders', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'live'));
    await makeRun(join(root, 'sweep', 'done'), { last: [{ type: 'run-end', seconds: 3 }] });
    await makeRun(join(root, 'broken'), {
      last: [{ type: 'run-failed', message: 'The loss is not finite.' }],
    });
    await makeRun(join(root, 'stopped'), {
      last: [{ type: 'run-interrupted' }, { type: 'warning', message: 'Late.' }],
    });
    await mkdir(join(root, 'no-run'));
    const index = new RunIndex(root);
    expect(await index.refresh()).toBe(true);
    expect(Object.fromEntries(index.rows.map(({ id, status }) => [id, status]))).toEqual({
      live: 'running',
      'sweep/done': 'finished',
      broken: 'failed',
      stopped: 'interrupted',
    });
    expect(index.row('broken')?.problem).toBe('The loss is not finite.');
    expect(index.row('live')?.live).toMatchObject({
      arm: 'small',
      step: 3,
      steps: 100,
      etaSeconds: 60,
    });
    expect(index.row('live')?.config).toMatchObject({
      'dataset.source': 'synthetic',
      'model.width': 16,
      'fixres.testPolicy': 'resize@112',
      'small.schedule.rate': 0.001,
    });
    expect(index.folderOf('no-run')).toBeUndefined();
  });

  it('also accepts the folder of one run', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'one'));
    const index = new RunIndex(`${join(root, 'one')}/.`);
    await index.refresh();
    expect([index.rows.map(({ id }) => id), index.isSingle]).toEqual([['one'], true]);
    const above = new RunIndex(root);
    await above.refresh();
    expect([above.rows.map(({ id }) => id), above.isSingle]).toEqual([['one'], false]);
  });

  it('reports what changed since a version', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'a'));
    await makeRun(join(root, 'b'));
    const index = new RunIndex(root);
    await index.refresh();
    expect(await index.refresh()).toBe(false);
    const { version } = index;
    await appendEvents(join(root, 'a'), lines, [progress(4)]);
    await rm(join(root, 'b'), { recursive: true });
    expect(await index.refresh()).toBe(true);
    const { rows, removed } = index.changesSince(version);
    expect(rows.map(({ id, live }) => [id, live?.step])).toEqual([['a', 4]]);
    expect(removed).toEqual(['b']);
    expect(index.changesSince(index.version)).toEqual({ rows: [], removed: [] });
  });

  it('distinguishes a running process from one that died, by its lock', async () => {
    const root = await temporaryFolder();
    const own = ownLock();
    await makeRun(join(root, 'live'));
    await makeRun(join(root, 'no-lock'), { lock: null });
    await makeRun(join(root, 'earlier-process'), { lock: { ...own, started: 'another-boot/1' } });
    await makeRun(join(root, 'resuming'), { last: [{ type: 'run-interrupted' }], lock: own });
    await makeRun(join(root, 'odd'), { lock: { pid: -1 } });
    const index = new RunIndex(root);
    const status = (id: string): string | undefined => index.row(id)?.status;
    await index.refresh();
    expect(['live', 'resuming'].map(status)).toEqual(['running', 'running']);
    expect(['no-lock', 'odd'].map(status)).toEqual(['crashed', 'crashed']);
    expect(status('earlier-process')).toBe(process.platform === 'linux' ? 'crashed' : 'running');
    // When its process is killed, no file of the run changes.
    await rm(join(root, 'live', 'lock'));
    expect(await index.refresh()).toBe(true);
    expect([status('live'), index.row('live')?.live]).toEqual(['crashed', null]);
  });

  it('shows a run of another machine as silent when it stops writing', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'), { lock: { ...ownLock(), host: 'elsewhere' } });
    await makeRun(join(root, 'b'));
    let now = Date.now();
    const index = new RunIndex(root, { now: () => now });
    const statuses = (): unknown => ['a', 'b'].map((id) => index.row(id)?.status);
    await index.refresh();
    expect(statuses()).toEqual(['running', 'running']);
    now += SILENT_AFTER_MS + 5000;
    expect(await index.refresh()).toBe(true);
    expect(statuses()).toEqual(['silent', 'running']);
  });

  it('survives damaged files, and does not follow links', async () => {
    const [root, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await makeRun(join(elsewhere, 'outside'));
    await symlink(join(elsewhere, 'outside'), join(root, 'linked'));
    await mkdir(join(root, 'half'));
    await writeFile(join(root, 'half', 'config.json'), '{"experiment": {"model"');
    await writeFile(join(root, 'half', 'events.jsonl'), '{"n":0,"ty');
    await mkdir(join(root, 'odd'));
    await writeFile(join(root, 'odd', 'config.json'), '[1, null, {"a": [[{}]]}]');
    await writeFile(
      join(root, 'odd', 'summary.json'),
      '{"arms": [null, 3, {"name": "x", "evaluations": 5}]}',
    );
    await mkdir(join(root, 'stolen'));
    await symlink(join(elsewhere, 'outside', 'config.json'), join(root, 'stolen', 'config.json'));
    const index = new RunIndex(root);
    await index.refresh();
    expect(index.rows.map(({ id }) => id).sort()).toEqual(['half', 'odd']);
    expect(index.row('half')?.problem).toMatch(/cannot be read/);
  });

  it('shows the accuracies of a summary of many MB with a short delay', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'many-classes'), { last: [{ type: 'run-end', seconds: 1 }] });
    await makeRun(join(root, 'small'), { last: [{ type: 'run-end', seconds: 1 }] });
    const confusion = Array.from({ length: 1000 }, () => new Array<number>(1000).fill(0));
    const summary = (metrics: unknown): string =>
      JSON.stringify(
        { arms: [{ name: 'small', ownEvaluation: 0, evaluations: [{ metrics, accuracy: 0.75 }] }] },
        null,
        2,
      );
    await writeFile(join(root, 'many-classes', 'summary.json'), summary({ confusion }));
    await writeFile(join(root, 'small', 'summary.json'), summary({ confusion: [] }));
    const index = new RunIndex(root);
    await index.refresh();
    const scores = [{ arm: 'small', accuracy: 0.75 }];
    expect(index.row('small')?.scores).toEqual(scores);
    const { version } = index;
    await expect
      .poll(async () => (await index.refresh(), index.row('many-classes')?.scores))
      .toEqual(scores);
    expect(index.changesSince(version).rows.map(({ id }) => id)).toEqual(['many-classes']);
    expect(await index.refresh()).toBe(false);
  });

  it('notices added models and predictions', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'live'));
    const index = new RunIndex(root);
    await index.refresh();
    const before = index.row('live')!.made;
    await writeFile(join(root, 'live', 'predictions', 'small-seed0-resize@64.jsonl'), '');
    expect(await index.refresh()).toBe(true);
    expect(index.row('live')!.made).not.toBe(before);
  });

  it('notices new output from the process of a finished run', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'done');
    await makeRun(folder, { last: [{ type: 'run-end', seconds: 1 }] });
    await writeFile(join(folder, 'summary.json'), '{}');
    await writeFile(join(folder, 'output.log'), 'Small: 3 epochs\n');
    const index = new RunIndex(root);
    await index.refresh();
    const before = index.row('done')!.made;
    await appendFile(join(folder, 'output.log'), 'Run folder: done\n');
    expect(await index.refresh()).toBe(true);
    expect(index.row('done')!.made).not.toBe(before);
    expect(await index.refresh()).toBe(false);
  });

  it('reads only the ends of a huge log', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'huge'));
    // A sparse file: 10 GB that take no disk space. Reading it would take longer than the test may
    // run.
    await truncate(join(root, 'huge', 'events.jsonl'), 10e9);
    await utimes(join(root, 'huge', 'events.jsonl'), new Date(), new Date());
    const index = new RunIndex(root);
    await index.refresh();
    expect(index.row('huge')?.status).toBe('running');
    expect(index.row('huge')?.startedAt).toMatch(/^20/);
  });
});
