import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { kubernetesManifest, unfinished } from './kubernetes.ts';
import type { JobSettings, Submission } from './sweep-plan.ts';

function submissionWith(job: Partial<JobSettings>): Submission {
  return {
    name: 'fixres-1a2b',
    on: 'kubernetes',
    job: { program: ['fixres'], image: 'registry/fixres:1', claim: 'data:/data', ...job },
    trials: ['small@0', 'small@1', 'large@0', 'large@1'],
    time: '',
  };
}

/** The strict schema that Kubernetes publishes. */
const published = z.fromJSONSchema(
  JSON.parse(
    readFileSync(new URL('fixtures/kubernetes-job.json', import.meta.url), 'utf8'),
  ) as Parameters<typeof z.fromJSONSchema>[0],
);

describe('the manifest of an Indexed Job', () => {
  it.each([{}, { maxParallel: 2, cpus: 4, gpus: 1, namespace: 'vision' }])(
    'agrees with the schema of Kubernetes with %j',
    (job) => {
      const manifest = kubernetesManifest(submissionWith(job), '/data/sweep');
      expect(published.safeParse(manifest).error).toBeUndefined();
      // The schema knows the fields, and refuses others.
      const { spec } = manifest as { spec: object };
      for (const wrong of [{ completionsMode: 'Indexed' }, { completions: '4' }])
        expect(published.safeParse({ ...manifest, spec: { ...spec, ...wrong } }).success).toBe(
          false,
        );
    },
  );

  it('has an index for each trial, and resumes interrupted trials without counting a failure', () => {
    const manifest = kubernetesManifest(
      submissionWith({ maxParallel: 2, cpus: 4, gpus: 1 }),
      '/data/sweep',
    );
    expect(manifest).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'fixres-1a2b' },
      spec: {
        completionMode: 'Indexed',
        completions: 4,
        parallelism: 2,
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
            { action: 'Ignore', onExitCodes: { operator: 'In', values: [85, 130] } },
            { action: 'FailIndex', onExitCodes: { operator: 'In', values: [2] } },
          ],
        },
        template: {
          spec: {
            // Required by a failure policy.
            restartPolicy: 'Never',
            containers: [
              {
                image: 'registry/fixres:1',
                command: 'fixres sweep trial /data/sweep small@0 small@1 large@0 large@1'.split(
                  ' ',
                ),
                resources: {
                  requests: { cpu: '4', 'nvidia.com/gpu': '1' },
                  limits: { cpu: '4', 'nvidia.com/gpu': '1' },
                },
                volumeMounts: [{ name: 'sweep', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'sweep', persistentVolumeClaim: { claimName: 'data' } }],
          },
        },
      },
    });
  });

  it.each([
    [{ image: undefined }, /^error: Option --on is kubernetes, which needs --image/],
    [{ claim: 'data' }, /^error: Option --on is kubernetes, which needs --image/],
    [{ claim: 'data:/dat' }, /^error: Option --out is \/data\/sweep; .* must be below \/dat,/],
  ])('is refused with %j', (job, message) => {
    expect(() => kubernetesManifest(submissionWith(job), '/data/sweep')).toThrow(message);
  });
});

describe('the unfinished trials of a job', () => {
  it.each([
    [{}, ['small@0', 'small@1', 'large@0', 'large@1']],
    [{ completedIndexes: '0,2-3' }, ['small@1']],
    [{ completedIndexes: '0', failedIndexes: '1-2' }, ['large@1']],
    [{ completedIndexes: '0', conditions: [{ type: 'Failed', status: 'True' }] }, []],
    [
      { completedIndexes: 'none', conditions: [{ type: 'Suspended', status: 'True' }] },
      ['small@0', 'small@1', 'large@0', 'large@1'],
    ],
  ])('with status %j', (status, trials) => {
    expect([...unfinished(submissionWith({}), { status }).keys()]).toEqual(trials);
  });
});
