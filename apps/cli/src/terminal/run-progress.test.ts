import type { RunEventInput } from '@fixres/runs';
import { describe, expect, it, vi } from 'vitest';
import { RunProgress } from './run-progress.ts';
import { Terminal, type TerminalOptions } from './terminal.ts';

const progress = {
  type: 'progress',
  arm: 'vanilla',
  seed: 0,
  phase: 'train',
  epoch: 3,
  epochs: 30,
  step: 24,
  steps: 104,
  loss: 1.2345,
  accuracy: 0.4521,
  learningRate: 1e-3,
  imagesPerSecond: 512.4,
  stall: 0.031,
  etaSeconds: 161,
  rssMb: 756,
  tensors: 812,
} as const;
const epoch = (n: number, heldOutAccuracy: number): RunEventInput => {
  const counts = {
    loss: 1.6 - n / 10,
    accuracy: 0.3 + n / 10,
    seconds: 12.34,
    imagesPerSecond: 512.4,
    tensors: 812,
  };
  return { type: 'epoch', arm: 'vanilla', seed: 0, epoch: n, heldOutAccuracy, ...counts };
};
const start: RunEventInput = {
  type: 'arm-start',
  arm: 'vanilla',
  seed: 0,
  epochs: 30,
  stepsPerEpoch: 104,
  trainableParameters: 123_456,
};

/** The output of a run's events on a terminal with this many columns, or in a log if undefined. */
function shown(
  events: readonly RunEventInput[],
  { columns, ...options }: Omit<TerminalOptions, 'stream'> & { columns?: number } = {},
): string[] {
  const written: string[] = [];
  const write = (text: string): boolean => written.push(text) > 0;
  vi.stubEnv('NO_COLOR', '1');
  const stream = { isTTY: columns !== undefined, columns, write } as unknown as NodeJS.WriteStream;
  const terminal = new Terminal({ stream, ...options });
  // Far apart, so that every line of progress is due.
  let now = 1e9;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 1e9));
  const lines = new RunProgress(terminal);
  for (const [n, event] of events.entries())
    lines.show({ n, time: '2026-11-24T08:00:00.000Z', ...event });
  vi.unstubAllEnvs();
  clock.mockRestore();
  // oxlint-disable-next-line no-control-regex
  const redrawn = /\r\u001b\[2K/g;
  return written
    .map((text) => text.replaceAll(redrawn, '').trimEnd())
    .filter((text) => text !== '');
}

describe('RunProgress', () => {
  it('shows the steps of an arm that ends within an epoch', () => {
    const short: RunEventInput = { ...start, epochs: 3, steps: 283 };
    expect(shown([{ ...start, epochs: 0 }])).toEqual(['vanilla: nothing trains']);
    expect(shown([start, short])).toEqual([
      'vanilla: 30 epochs of 104 steps, 123,456 parameters train',
      'vanilla: 3 epochs of 104 steps, 283 in all, 123,456 parameters train',
    ]);
  });

  it('shows all of training in one line that fits the terminal', () => {
    const events = [start, epoch(0, 0.2), epoch(1, 0.3), progress];
    expect(shown(events, { columns: 140 }).at(-1)).toBe(
      '  vanilla  epoch 4/30  step 24/104  loss 1.234  accuracy 45.2 %  512 img/s  2:41 left  756 MB  ▁█',
    );
    const lines = Object.fromEntries(
      [120, 80, 60, 20].map((columns) => [columns, shown(events, { columns }).at(-1)!]),
    );
    expect(lines).toEqual({
      120: '  vanilla  epoch 4/30  step 24/104  loss 1.234  accuracy 45.2 %  512 img/s  2:41 left  756 MB  ▁█',
      80: ' vanilla  ep 4/30  24/104  loss 1.234  acc 45 %  512 img/s  2:41 left  756 MB',
      60: ' vanilla  ep 4/30  24/104  loss 1.234  acc 45 %  2:41 left',
      20: ' vanilla  ep 4/30',
    });
  });

  it('shows when it evaluates, and no epochs for a model that does not train', () => {
    expect(
      shown([{ ...progress, phase: 'evaluate', epoch: -1, epochs: 0 }], { columns: 120 }),
    ).toEqual([
      '  vanilla  testing  step 24/104  loss 1.234  accuracy 45.2 %  512 img/s  2:41 left  756 MB',
    ]);
  });

  it('shows when several processes compute features', () => {
    expect(shown([{ ...progress, phase: 'features' }], { columns: 120 })).toEqual([
      '  vanilla  epoch 4/30  features  step 24/104  loss 1.234  accuracy 45.2 %  512 img/s  2:41 left  756 MB',
    ]);
  });

  it('writes a line per epoch to a log, and the curve after the arm is trained', () => {
    const lines = shown([
      start,
      epoch(0, 0.25),
      epoch(1, 0.35),
      epoch(2, 0.45),
      { type: 'frozen-verified', arm: 'vanilla', seed: 0, frozen: 0, moved: 9 },
    ]);
    expect(lines).toEqual([
      'vanilla: 30 epochs of 104 steps, 123,456 parameters train',
      '  epoch  1/30  loss 1.600  train 30.0 %  held out 25.0 %  512 img/s  12.3 s',
      '  epoch  2/30  loss 1.500  train 40.0 %  held out 35.0 %  512 img/s  12.3 s',
      '  epoch  3/30  loss 1.400  train 50.0 %  held out 45.0 %  512 img/s  12.3 s',
      '  held out ▁▄█ 25.0 % to 45.0 %',
      '  nothing was frozen',
    ]);
  });

  it('shows everything when verbose', () => {
    const cache = {
      where: 'disk',
      form: 'maps',
      cut: 'conv5_block1_out',
      shape: [2, 2, 256],
      views: 720,
      precision: 'full',
      bytes: 2_949_120,
      exact: true,
      explanation: 'They are kept on disk.',
    } as const;
    const lines = shown(
      [
        start,
        { type: 'feature-cache', arm: 'vanilla', seed: 0, ...cache },
        progress,
        { ...progress, phase: 'evaluate', stall: 0.9 },
        epoch(3, 0.5),
        { type: 'checkpoint', arm: 'vanilla', seed: 0, epoch: 4, step: 0, seconds: 0.123 },
        { type: 'checkpoint', arm: 'vanilla', seed: 0, epoch: 4, step: 2, seconds: 0.1 },
        { type: 'arm-end', arm: 'vanilla', seed: 0, trainSeconds: 75, peakRssMb: 812 },
        { type: 'run-end', seconds: 90 },
      ],
      { verbose: true, columns: 160 },
    );
    expect(lines.filter((line) => !line.startsWith('  vanilla'))).toEqual([
      'vanilla: 30 epochs of 104 steps, 123,456 parameters train',
      '  They are kept on disk.',
      '  features: disk, cut after conv5_block1_out, maps [2, 2, 256] of 720 views, 2.9 MB, full precision, exact',
      '  epoch  4/30  loss 1.300  train 60.0 %  held out 50.0 %  512 img/s  12.3 s  756 MB  2:41 left',
      '  epoch 4: waited for images 3.1 % of the time, 756 MB of memory, 812 tensors, learning rate 0.001',
      '  checkpoint after 4 epochs, written in 0.12 s',
      '  checkpoint after 4 epochs and 2 steps, written in 0.10 s',
      '  trained for 1 min 15 s, 812 MB of memory at most',
      'The run took 1 min 30 s.',
    ]);
  });

  it('passes every event on, also when quiet', () => {
    const types: string[] = [];
    expect(
      shown([start, progress, epoch(0, 0.5)], {
        quiet: true,
        onEvent: ({ type }) => types.push(type),
      }),
    ).toEqual([]);
    expect(types).toEqual(['arm-start', 'progress', 'epoch']);
  });

  it('shows how the size of an arm was chosen', () => {
    const candidates = [
      { policy: 'shortSideCrop', size: 64, correct: 20 },
      { policy: 'shortSideCrop', size: 96, correct: 30 },
    ];
    const choice = { from: 'small', seed: 0, images: 40, candidates, chosen: 1 };
    expect(shown([{ type: 'size-chosen', arm: 'tuned', ...choice }]).join('')).toContain(
      'tuned: Size 96 px, measured with small on 40 held-back training images: 64 px 50.0 %, 96 px 75.0 %.',
    );
  });
});
