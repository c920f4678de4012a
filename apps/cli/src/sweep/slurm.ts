import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shellCommand } from '@fixres/runs/node';
import { type Backend, jobCommand, jobsOf, type JobState } from './backend.ts';
import { callProgram } from './call-program.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { Submission } from './sweep-plan.ts';

/** Seconds before the time limit at which a trial saves its state. */
const WARNED = 60;

/**
 * One job array. Tasks are queued again after the loss of a node, after preemption, and before the
 * time limit, for which the trial saves its state and asks for it itself. Options are those of
 * Slurm's manual pages sbatch, squeue and scancel.
 */
export const slurm: Backend = {
  describe: slurmScript,
  async submit(submission, folder) {
    await mkdir(sweepFiles.logs(folder), { recursive: true });
    await callProgram('sbatch', ['--parsable'], { input: slurmScript(submission, folder) });
  },
  async pending(submission) {
    const { name } = submission;
    const jobs = jobsOf(submission);
    const lines = await callProgram('squeue', [
      '--noheader',
      '--array',
      `--name=${name}`,
      '--format=%K %T',
    ]);
    return new Map(
      lines.split('\n').flatMap((line): [string, JobState][] => {
        const [, index, state] = /^(\d+) (\w+)$/.exec(line.trim()) ?? [];
        const job = jobs[Number(index)];
        if (job === undefined) return [];
        return [[job, state === 'RUNNING' || state === 'COMPLETING' ? 'running' : 'queued']];
      }),
    );
  },
  async cancel({ name }) {
    await callProgram('scancel', [`--name=${name}`]);
  },
};

function slurmScript(submission: Submission, folder: string): string {
  const { name, job } = submission;
  const { maxParallel, cpus, gpus, sbatch = [] } = job;
  const options = [
    `--job-name=${name}`,
    `--array=0-${jobsOf(submission).length - 1}${maxParallel === undefined ? '' : `%${maxParallel}`}`,
    // %A and %a are the number of the job and the index of the task.
    `--output=${join(sweepFiles.logs(folder), 'slurm-%A_%a.log')}`,
    '--open-mode=append',
    '--requeue',
    `--signal=B:USR2@${WARNED}`,
    ...(cpus === undefined ? [] : [`--cpus-per-task=${cpus}`]),
    ...(gpus === undefined ? [] : [`--gpus-per-task=${gpus}`, '--ntasks=1']),
    ...sbatch,
  ];
  return [
    '#!/bin/sh',
    ...options.map((option) => `#SBATCH ${option}`),
    // Without a plugin that binds tasks to cores, a task sees all cores of its node.
    ...(cpus === undefined ? [] : [`export TF_NUM_INTRAOP_THREADS=${cpus}`]),
    // It replaces the shell, so that it receives Slurm's signals.
    `exec ${shellCommand(jobCommand(submission, folder), 'linux')}`,
    '',
  ].join('\n');
}
