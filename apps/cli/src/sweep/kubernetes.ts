import { type Fields, fieldsOf } from '@fixres/runs';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { type Backend, jobCommand, jobsOf, type JobState } from './backend.ts';
import { callProgram } from './call-program.ts';
import type { Submission } from './sweep-plan.ts';

/** Seconds that a trial has to save its state before its container is killed. */
const GRACE = 120;

/** Restarts of a trial that fails, each from its saved state. */
const RETRIES = 3;

/**
 * One Indexed Job (batch/v1). A trial whose pod is lost or evicted, or that was interrupted and has
 * saved its state, starts again without counting as a failure (`podFailurePolicy`).
 */
export const kubernetes: Backend = {
  describe: (submission, folder) => JSON.stringify(kubernetesManifest(submission, folder), null, 2),
  async submit(submission, folder) {
    await callProgram('kubectl', [...inNamespace(submission), 'create', '--filename=-'], {
      input: JSON.stringify(kubernetesManifest(submission, folder)),
    });
  },
  async pending(submission) {
    const text = await callProgram('kubectl', [
      ...inNamespace(submission),
      'get',
      'job',
      submission.name,
      '--ignore-not-found',
      '--output=json',
    ]);
    return text.trim() === '' ? new Map() : unfinished(submission, JSON.parse(text));
  },
  async cancel(submission) {
    await callProgram('kubectl', [
      ...inNamespace(submission),
      'delete',
      'job',
      submission.name,
      '--ignore-not-found',
      '--cascade=foreground',
    ]);
  },
};

function inNamespace({ job }: Submission): string[] {
  return job.namespace === undefined ? [] : [`--namespace=${job.namespace}`];
}

/** @throws ExitError if the sweep is not on the mounted volume */
export function kubernetesManifest(submission: Submission, folder: string): Fields {
  const { name, job } = submission;
  const { length } = jobsOf(submission);
  const { image, claim = '', cpus, gpus, maxParallel = length } = job;
  const [, claimName, mountPath] = /^([^:]+):(\/.*)$/.exec(claim) ?? [];
  if (image === undefined || claimName === undefined || mountPath === undefined)
    throw usage(
      'Option --on is kubernetes, which needs --image <name> and --claim <name>:<path>: the container image with fixres, and the volume claim with the sweep and its data set.',
    );
  if (folder !== mountPath && !folder.startsWith(`${mountPath.replace(/\/$/, '')}/`))
    throw usage(
      `Option --out is ${folder}; for kubernetes it must be below ${mountPath}, where --claim mounts the volume.`,
    );
  const resources = {
    ...(cpus !== undefined && { cpu: String(cpus) }),
    ...(gpus !== undefined && { 'nvidia.com/gpu': String(gpus) }),
  };
  const container = 'trial';
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'fixres' } },
    spec: {
      completionMode: 'Indexed',
      completions: length,
      parallelism: Math.min(maxParallel, length),
      // A trial that fails does not end the others.
      backoffLimitPerIndex: RETRIES,
      maxFailedIndexes: length,
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          {
            action: 'Ignore',
            onExitCodes: {
              containerName: container,
              operator: 'In',
              // Kubernetes wants them in order.
              values: [exitCodes.preempted, exitCodes.interrupted],
            },
          },
          {
            // Another attempt has the same wrong settings.
            action: 'FailIndex',
            onExitCodes: { containerName: container, operator: 'In', values: [exitCodes.usage] },
          },
        ],
      },
      template: {
        metadata: { labels: { 'app.kubernetes.io/name': 'fixres' } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: GRACE,
          containers: [
            {
              name: container,
              image,
              command: jobCommand(submission, folder),
              ...(cpus !== undefined && {
                env: [{ name: 'TF_NUM_INTRAOP_THREADS', value: String(cpus) }],
              }),
              resources: { requests: resources, limits: resources },
              volumeMounts: [{ name: 'sweep', mountPath }],
            },
          ],
          volumes: [{ name: 'sweep', persistentVolumeClaim: { claimName } }],
        },
      },
    },
  };
}

/** The jobs of a submission that neither succeeded nor failed, from its status. */
export function unfinished(submission: Submission, job: unknown): Map<string, JobState> {
  const status = fieldsOf(fieldsOf(job).status);
  const conditions = Array.isArray(status.conditions) ? status.conditions.map(fieldsOf) : [];
  const hasEnded = conditions.some(
    (each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True',
  );
  if (hasEnded) return new Map();
  const ended = new Set([
    ...indicesOf(status.completedIndexes),
    ...indicesOf(status.failedIndexes),
  ]);
  return new Map(
    jobsOf(submission)
      .filter((_, i) => !ended.has(i))
      .map((each) => [each, 'queued'] as const),
  );
}

/** The numbers of a list like `0-2,5`. */
function indicesOf(text: unknown): number[] {
  if (typeof text !== 'string') return [];
  return text.split(',').flatMap((range) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range.trim()) ?? [];
    if (first === undefined) return [];
    const length = Number(last) - Number(first) + 1;
    return Array.from({ length: Math.max(0, length) }, (_, i) => Number(first) + i);
  });
}

function usage(message: string): ExitError {
  return new ExitError(exitCodes.usage, `error: ${message}`);
}
