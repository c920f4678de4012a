import type { Cluster } from '@fixres/engine/cluster';
import { defaultClusterSettings as settings, type StateArrays } from '@fixres/runs';
import { describe, expect, it, vi } from 'vitest';
import { JoinedTraining } from './joined-training.ts';

/** Trainings whose cluster gives each the messages that `others` prepared. */
function joined(
  rank: number,
  messages: (own: Uint8Array) => Uint8Array[],
): {
  training: JoinedTraining;
  controller: AbortController;
  interrupt: () => void;
  /** What the training did with its cluster, in order. */
  calls: string[];
} {
  const calls: string[] = [];
  const controller = new AbortController();
  const interrupt = vi.fn(() => controller.abort());
  const cluster = {
    rank,
    ranks: 2,
    addresses: ['a:1', 'b:2'],
    exchange: (own: Uint8Array, patience = 'long') => {
      calls.push(`exchange ${patience === 'long' ? '' : `as ${patience} `}${own.join()}`);
      return messages(own);
    },
    leave: () => calls.push('leave'),
    explain: (error: Error) => {
      calls.push('explain');
      return Promise.resolve(new Error(`explained ${error.message}`));
    },
  } as unknown as Cluster;
  const { signal } = controller;
  const training = new JoinedTraining(cluster, { settings, signal, interrupt });
  return { training, controller, interrupt, calls };
}

const state = (bias: number): StateArrays =>
  new Map([
    ['kernel', { shape: [2], dtype: 'float32', values: Float32Array.of(1, 2) }],
    ['bias', { shape: [1], dtype: 'float32', values: Float32Array.of(bias) }],
  ]);

function bytesOf(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

describe('JoinedTraining', () => {
  it('stops all after the step in which one asked for it', () => {
    const { training, controller, interrupt } = joined(0, () => []);
    expect([...training.votes()]).toEqual([0, 0]);
    training.count(Float32Array.of(0, 0));
    expect(training.signal.aborted).toBe(false);
    // Another process asked.
    training.count(Float32Array.of(1, 0));
    expect(interrupt).toHaveBeenCalledOnce();
    expect(training.signal.reason).toBe(controller.signal.reason);

    const asking = joined(1, () => []);
    asking.controller.abort();
    expect([...asking.training.votes()]).toEqual([1, 0]);
    // Not before all know.
    expect(asking.training.signal.aborted).toBe(false);
  });

  it('votes between steps that are taken without the others', () => {
    const { training, calls } = joined(0, (own) => [own, bytesOf(1, 1)]);
    training.vote();
    expect(calls).toEqual([`exchange as step ${bytesOf(0, 0).join()}`]);
    expect(training.signal.aborted).toBe(true);
    expect(training.agreeOnSaving(false)).toBe(true);

    const quiet = joined(0, (own) => [own, bytesOf(0, 0)]).training;
    quiet.vote();
    expect(quiet.signal.aborted).toBe(false);
    expect(quiet.agreeOnSaving(false)).toBe(false);
  });

  it('counts the processes of its machine', () => {
    expect(joined(1, () => []).training.processesHere).toBe(1);
  });

  it('stops all after an exchange in which one asked for it', () => {
    const { training } = joined(0, (own) => [own, Uint8Array.of(1, 7)]);
    expect(training.exchange(Uint8Array.of(5)).map((bytes) => [...bytes])).toEqual([[5], [7]]);
    expect(training.signal.aborted).toBe(true);
  });

  it('saves once for each time that one wanted to', () => {
    const { training } = joined(0, () => []);
    expect(training.agreeOnSaving(true)).toBe(false);
    expect([...training.votes()]).toEqual([0, 1]);
    training.count(Float32Array.of(0, 1));
    // Due until it is saved.
    expect(training.agreeOnSaving(true)).toBe(true);
    expect([...training.votes()]).toEqual([0, 0]);
    training.count(Float32Array.of(0, 0));
    expect(training.agreeOnSaving(false)).toBe(false);
  });

  it('gives all the value of the first process', () => {
    let sent: Uint8Array | undefined;
    joined(0, (own) => [(sent = own), own]).training.share(new Map([['x', Int32Array.of(3)]]));
    const other = joined(1, (own) => [sent!, own]).training;
    expect(other.share<unknown>(undefined)).toEqual(new Map([['x', Int32Array.of(3)]]));
  });

  it('names the array that differs, to the bit', () => {
    let sent: Uint8Array | undefined;
    joined(1, (own) => [own, (sent = own)]).training.requireEqual(state(-0), 'now');
    const { training } = joined(0, (own) => [own, sent!]);
    expect(training.differing(state(-0))).toEqual([]);
    expect(training.differing(state(0))).toEqual(['bias']);
    expect(() => training.requireEqual(state(-0), 'epoch 1, step 2')).not.toThrow();
    expect(() => training.requireEqual(state(0), 'epoch 1, step 2')).toThrow(
      expect.objectContaining({
        code: 'processes-differ',
        message:
          'Process 1 (b:2) has other numbers in "bias" than process 0 at epoch 1, step 2; nothing is saved.',
      }) as Error,
    );
  });

  it('gives nobody a value after an interruption', () => {
    const { training, controller } = joined(1, (own) => [Uint8Array.of(1), own]);
    expect(() => training.share(undefined)).toThrow(controller.signal.reason as Error);
  });

  it('leaves with the others, all interrupted, if this process is interrupted before the training', async () => {
    const { training, controller, calls } = joined(0, (own) => [own, Uint8Array.of(0)]);
    const work = (): Promise<never> => {
      controller.abort();
      throw controller.signal.reason;
    };
    // A session within a session.
    const ended = training.during(() => training.during(work));
    await expect(ended).rejects.toBe(controller.signal.reason);
    expect(calls).toEqual(['exchange 1', 'leave']);
    expect(training.signal.aborted).toBe(true);
  });

  it('leaves with the others after an interruption that all have received', async () => {
    const { training, calls } = joined(0, () => []);
    const ended = training.during(() => {
      training.count(Float32Array.of(1, 0));
      training.signal.throwIfAborted();
      return Promise.resolve();
    });
    await expect(ended).rejects.toBe(training.signal.reason);
    expect(calls).toEqual(['leave']);
  });

  it('is interrupted also if the others are gone', async () => {
    const { training, controller, calls } = joined(0, () => {
      throw new Error('gone');
    });
    controller.abort();
    const ended = training.during(() => Promise.reject(controller.signal.reason as Error));
    await expect(ended).rejects.toBe(controller.signal.reason);
    expect(calls).toEqual(['exchange 1', 'leave']);
  });

  it('explains an error once, and does not wait for others then', async () => {
    const { training, calls } = joined(0, () => []);
    const ended = training.during(() =>
      training.during(() => Promise.reject(new Error('of a step'))),
    );
    await expect(ended).rejects.toThrow('explained of a step');
    expect(calls).toEqual(['explain']);
  });
});
