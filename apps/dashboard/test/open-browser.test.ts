import { chmod, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from './make-run.ts';
import { fixresProgram } from './trained-run.ts';

// Other systems call their own opener, which no variable replaces.
it("the command opens the page in the user's browser on request", { tags: 'linux' }, async () => {
  const folder = await temporaryFolder();
  const opened = join(folder, 'opened.txt');
  const program = join(folder, 'xdg-open');
  await writeFile(
    program,
    `#!/bin/sh\nprintf '%s' "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`,
  );
  await chmod(program, 0o755);
  // The real xdg-open uses BROWSER; on a known desktop it would use the desktop's setting
  // instead.
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
    BROWSER: program,
    DISPLAY: '',
    XDG_CURRENT_DESKTOP: '',
    DESKTOP_SESSION: '',
  };
  const [executable, ...first] = fixresProgram;
  const child = spawn(
    executable!,
    [...first, 'dashboard', folder, '--port', '0', '--json', '--open'],
    { env: environment, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  await expect.poll(() => readFile(opened, 'utf8').catch(() => '')).toBe(url);
  expect((await fetch(url)).status).toBe(200);
  child.kill('SIGINT');
  expect((await ended)[0]).toBe(0);
});
