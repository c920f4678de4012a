import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

describe('fixres dashboard', () => {
  it('serves the runs of a folder until it is stopped', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'one'));
    await writeFile(join(folder, 'one', 'config.json'), '{}');
    let seen: Promise<{ rows: { id: string }[] }> | undefined;
    const result = await runCli(['dashboard', folder, '--port', '0', '--json'], {
      onStdout: (stdout, kill) => {
        if (seen || !stdout.includes('\n')) return;
        const { url } = JSON.parse(stdout) as { url: string };
        seen = fetch(new URL('/api/runs', url)).then(
          (response) => response.json() as Promise<{ rows: { id: string }[] }>,
        );
        void seen.finally(() => kill('SIGINT'));
      },
    });
    expect((await seen!).rows.map(({ id }) => id)).toEqual(['one']);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/Ctrl-C ends it/);
  });

  it('lets the page control runs only with --control', async () => {
    const folder = await temporaryFolder();
    let token: Promise<string> | undefined;
    const { code, stderr } = await runCli(
      ['dashboard', folder, '--port', '0', '--json', '--control'],
      {
        onStdout: (stdout, kill) => {
          if (token || !stdout.includes('\n')) return;
          const { url } = JSON.parse(stdout) as { url: string };
          token = fetch(new URL('/api/control', url)).then(
            async (response) => ((await response.json()) as { token: string }).token,
          );
          void token.finally(() => kill('SIGINT'));
        },
      },
    );
    expect(await token!).toMatch(/^[\w-]{32}$/);
    expect([code, stderr]).toEqual([
      0,
      `Shows the runs in ${folder}, and starts, stops and resumes them. Ctrl-C ends it; runs go on.\n`,
    ]);
  });

  it('starts runs that continue after it ends', async () => {
    const folder = await temporaryFolder();
    const from = {
      preset: 'quick',
      dataset: 'synthetic',
      limit: 60,
      epochs: 2,
      finetuneEpochs: 1,
      width: 4,
      small: 32,
      large: 56,
    };
    const startOne = async (url: string): Promise<number> => {
      const { token } = (await (await fetch(new URL('/api/control', url))).json()) as {
        token: string;
      };
      const headers = {
        origin: new URL(url).origin,
        'content-type': 'application/json',
        'x-fixres-control': token,
      };
      return (
        await fetch(new URL('/api/control/start', url), {
          method: 'POST',
          headers,
          body: JSON.stringify({ name: 'one', from }),
        })
      ).status;
    };
    let started: Promise<number> | undefined;
    const { code } = await runCli(['dashboard', folder, '--port', '0', '--json', '--control'], {
      onStdout: (stdout, kill) => {
        if (started || !stdout.includes('\n')) return;
        started = startOne((JSON.parse(stdout) as { url: string }).url);
        void started.finally(() => kill('SIGINT'));
      },
    });
    expect([await started!, code]).toEqual([202, 0]);
    expect(existsSync(join(folder, 'one', 'summary.json'))).toBe(false);
    await expect
      .poll(() => existsSync(join(folder, 'one', 'summary.json')), { interval: 200 })
      .toBe(true);
    // The folder can be removed only after the run stops writing to it.
    await expect.poll(() => existsSync(join(folder, 'one', 'lock'))).toBe(false);
    await expect
      .poll(() => readFile(join(folder, 'one', 'output.log'), 'utf8'))
      .toMatch(/Run folder: .*one\n/);
  });

  it('reports problems in one line, before it serves anything', async () => {
    const folder = await temporaryFolder();
    const cases: [string[], string][] = [
      [
        ['nowhere'],
        'Runs folder "nowhere" does not exist. Give a folder that contains run folders.',
      ],
      [
        ['.', '--host', '0.0.0.0'],
        'Option "host" is "0.0.0.0", which other machines can reach; also give a token, or leave out the host.',
      ],
      [
        ['.', '--token', 'short'],
        'Option "token" must have 16 to 128 characters from A-Z, a-z, 0-9, - and _.',
      ],
    ];
    for (const [args, message] of cases) {
      expect(await runCli(['dashboard', ...args], { cwd: folder })).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: ${message}\n`,
      });
    }
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stderr } = await runCli(['dashboard', '.', '--port', String(port)], {
      cwd: folder,
    });
    expect([code, stderr]).toEqual([
      1,
      `error: Port ${port} is in use. Give another, or none to use any free port.\n`,
    ]);
  });
});
