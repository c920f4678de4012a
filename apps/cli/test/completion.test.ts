import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

const run = promisify(execFile);
const zshHarness = fileURLToPath(new URL('zsh-completion.zsh', import.meta.url));

/** The completions that each shell offers at the end of a line with the script sourced. */
const offers: Record<string, (script: string, line: string, cwd: string) => Promise<string>> = {
  async bash(script, line, cwd) {
    const program =
      'source "$1"; read -ra COMP_WORDS <<< "$2"; [[ $2 == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _fixres; echo "${COMPREPLY[@]}"; [[ ${#COMPREPLY[@]} = 0 ]] && compgen -f -- "${COMP_WORDS[COMP_CWORD]}" || true';
    return (await run('bash', ['--norc', '-c', program, 'bash', script, line], { cwd })).stdout;
  },
  async zsh(script, line, cwd) {
    return (await run('zsh', ['-f', zshHarness, script, line], { cwd })).stdout;
  },
  async fish(script, line, cwd) {
    return (
      await run(
        'fish',
        ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line],
        { cwd },
      )
    ).stdout;
  },
};

for (const [shell, offer] of Object.entries(offers))
  describe(`fixres completion ${shell}`, { tags: shell === 'bash' ? [] : [shell] }, () => {
    it('offers commands, options, allowed values and files', async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'photos.tgz'), '');
      const script = join(folder, 'script');
      const { code, stdout } = await runCli(['completion', shell]);
      expect(code).toBe(0);
      await writeFile(script, stdout);
      const offered = (line: string): Promise<string> => offer(script, line, folder);

      expect(await offered('fixres repr')).toContain('reproduce');
      expect(await offered('fixres data i')).toContain('info');
      expect(await offered('fixres reproduce --pres')).toContain('--preset');
      expect(await offered('fixres reproduce --preset ')).toMatch(/keras[^]*quick|quick[^]*keras/);
      expect(await offered('fixres completion z')).toContain('zsh');
      expect(await offered('fixres plan phot')).toContain('photos.tgz');
      expect(await offered('fixres plan synthetic --out phot')).toContain('photos.tgz');
    });
  });

it('refuses an unknown shell', async () => {
  const { code, stderr } = await runCli(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish.');
});
