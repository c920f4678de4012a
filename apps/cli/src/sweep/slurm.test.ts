import { describe, expect, it } from 'vitest';
import { slurm } from './slurm.ts';

const submission = {
  name: 'fixres-1a2b',
  on: 'slurm' as const,
  job: { program: ['/usr/bin/node', "/opt/it's here/fixres.js"] },
  trials: ['small@0', 'small@1', 'large@0'],
  time: '',
};

describe('the script for sbatch', () => {
  it('runs the trial of the task in place of the shell, and is queued again after an interruption', () => {
    expect(slurm.describe(submission, '/shared/sweep')).toBe(`#!/bin/sh
#SBATCH --job-name=fixres-1a2b
#SBATCH --array=0-2
#SBATCH --output=/shared/sweep/logs/slurm-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR2@60
exec /usr/bin/node '/opt/it'\\''s here/fixres.js' sweep trial /shared/sweep small@0 small@1 large@0
`);
  });

  it('has the resources of each trial, and the user’s options last', () => {
    const job = {
      ...submission.job,
      maxParallel: 2,
      cpus: 4,
      gpus: 1,
      sbatch: ['--partition=long', '--time=1:00:00'],
    };
    const lines = slurm.describe({ ...submission, job }, '/s').split('\n');
    expect(lines).toContain('#SBATCH --array=0-2%2');
    expect(lines).toContain('export TF_NUM_INTRAOP_THREADS=4');
    expect(lines.filter((line) => line.startsWith('#SBATCH')).slice(-5)).toEqual([
      '#SBATCH --cpus-per-task=4',
      '#SBATCH --gpus-per-task=1',
      '#SBATCH --ntasks=1',
      '#SBATCH --partition=long',
      '#SBATCH --time=1:00:00',
    ]);
  });

  it('runs workers of halving over epochs', () => {
    const script = slurm.describe({ ...submission, trials: [], workers: 2 }, '/s');
    expect(script).toContain('\n#SBATCH --array=0-1\n');
    expect(script).toMatch(/ sweep work \/s fixres-1a2b\.0 fixres-1a2b\.1\n$/);
  });
});
