import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { jobSettings, runOptionsOf } from './job-settings.ts';

it('starts this installation in jobs, and that of the image in containers', () => {
  const [program, file] = jobSettings('slurm', {}).program;
  expect(program).toBe(process.execPath);
  expect(file).toMatch(/bin.fixres\.js$/);
  expect(existsSync(file!)).toBe(true);
  expect(jobSettings('kubernetes', {}).program).toEqual(['fixres']);
  expect(jobSettings('ray', { program: '/opt/fixres' }).program).toEqual(['/opt/fixres']);
});

it.each([
  [
    'local',
    { gpus: 1 },
    'Option --gpus is for --on slurm or kubernetes or ray, and --on is local.',
  ],
  ['ray', { image: 'x' }, 'Option --image is for --on kubernetes, and --on is ray.'],
  ['slurm', { rayAddress: 'x' }, 'Option --ray-address is for --on ray, and --on is slurm.'],
] as const)('refuses an option of another backend: %s, %j', (on, options, message) => {
  expect(() => jobSettings(on, options)).toThrow(`error: ${message}`);
});

it('keeps the options of the experiment for the command that repeats it', () => {
  const options = { on: 'slurm', cpus: 2, sbatch: ['--x'], limit: 60, seedCount: 3 };
  expect(runOptionsOf(options)).toEqual({ limit: 60, seedCount: 3 });
});
