import { describe, expect, it } from 'vitest';
import { Curves, type CurvesJson } from './curves.ts';

const point = (step: number, loss: number, more: object = {}): unknown => ({
  type: 'progress',
  time: new Date(step * 1000).toISOString(),
  arm: 'small',
  seed: 0,
  phase: 'train',
  epoch: 0,
  step,
  steps: 10,
  loss,
  accuracy: 0.5,
  imagesPerSecond: 9,
  rssMb: 1,
  ...more,
});

describe('Curves', () => {
  it('stores steps, epochs and the configured learning rate in columns', () => {
    const curves = new Curves();
    curves.add({
      type: 'run-start',
      config: {
        experiment: { arms: [{ name: 'small', schedule: { type: 'constant', rate: 0.01 } }] },
      },
    });
    curves.add({
      type: 'arm-start',
      arm: 'small',
      seed: 0,
      time: new Date(0).toISOString(),
      stepsPerEpoch: 10,
    });
    curves.add(point(5, 2));
    curves.add(point(5, 1, { epoch: 1, learningRate: 0.001 }));
    curves.add({
      type: 'epoch',
      time: new Date(20_000).toISOString(),
      arm: 'small',
      seed: 0,
      epoch: 1,
      loss: 1,
      accuracy: 0.7,
      heldOutAccuracy: 0.6,
      imagesPerSecond: 8,
    });
    const [lane] = curves.lanes;
    expect(lane!.points.means).toMatchObject({
      step: [5, 15],
      epoch: [0.5, 1.5],
      loss: [2, 1],
      learningRate: [0.01, 0.001],
      seconds: [5, 5],
    });
    expect(lane!.epochs.means).toMatchObject({
      step: [20],
      epoch: [2],
      heldOutAccuracy: [0.6],
      seconds: [20],
    });
  });

  it('ends an arm within an epoch if it ended there', () => {
    const curves = new Curves();
    const epochEnd = {
      type: 'epoch',
      time: new Date(20_000).toISOString(),
      arm: 'small',
      seed: 0,
      loss: 1,
    };
    curves.add({
      type: 'arm-start',
      arm: 'small',
      seed: 0,
      time: new Date(0).toISOString(),
      stepsPerEpoch: 10,
      steps: 14,
    });
    curves.add(point(10, 2));
    curves.add({ ...epochEnd, epoch: 0 });
    // The page continues from the server's response.
    const later = new Curves(JSON.parse(JSON.stringify(curves)) as CurvesJson);
    later.add(point(4, 1, { epoch: 1, steps: 4 }));
    later.add({ ...epochEnd, epoch: 1 });
    expect(later.lanes[0]!.points.means).toMatchObject({ step: [10, 14], epoch: [1, 1.4] });
    expect(later.lanes[0]!.epochs.means).toMatchObject({ step: [10, 14], epoch: [1, 1.4] });
  });

  it('goes back to where a run was resumed', () => {
    const curves = new Curves();
    const start = {
      type: 'arm-start',
      arm: 'small',
      seed: 0,
      time: new Date(0).toISOString(),
      stepsPerEpoch: 10,
    };
    curves.add(start);
    for (let step = 1; step <= 9; step++) curves.add(point(step, step));
    curves.add({ ...start, from: { epoch: 0, step: 4 } });
    expect(curves.lanes[0]!.points.means.step).toEqual([1, 2, 3, 4]);
    curves.add(point(5, 0.5));
    expect(curves.lanes[0]!.points.means.loss.at(-1)).toBe(0.5);
  });

  it('does not count the time between two sessions', () => {
    const curves = new Curves();
    const at = (seconds: number): { time: string } => ({
      time: new Date(seconds * 1000).toISOString(),
    });
    const start = { type: 'arm-start', arm: 'small', seed: 0, stepsPerEpoch: 10 };
    curves.add({ ...start, ...at(0) });
    for (let step = 1; step <= 6; step++) curves.add(point(step, step, at(step / 8)));
    curves.add({ ...start, ...at(5000), from: { epoch: 0, step: 4 } });
    curves.add(point(5, 5, at(5002)));
    expect(curves.lanes[0]!.points.means.seconds).toEqual([0.125, 0.25, 0.375, 0.5, 2.5]);
    curves.add({ type: 'epoch', ...at(5003), arm: 'small', seed: 0, epoch: 0, loss: 1 });
    curves.add({ ...start, ...at(9000), from: { epoch: 1, step: 0 } });
    curves.add(point(2, 5, { ...at(9001), epoch: 1 }));
    expect(curves.lanes[0]!.points.means.seconds.at(-1)).toBe(4.5);
    // Restarted from the beginning.
    curves.add({ ...start, ...at(9100) });
    curves.add(point(1, 1, at(9103)));
    expect(curves.lanes[0]!.points.means.seconds).toEqual([3]);
  });

  it('starts at a whole millisecond when the run is resumed', () => {
    const curves = new Curves();
    const start = {
      type: 'arm-start',
      arm: 'small',
      seed: 0,
      time: '2026-01-01T00:00:00.000Z',
      stepsPerEpoch: 10,
    };
    curves.add(start);
    // Means of several events have fractions.
    for (const [step, time] of [
      [1, '00:00:00.001'],
      [2, '00:00:00.014'],
    ] as const)
      curves.add(point(step, 1, { time: `2026-01-01T${time}Z` }));
    const json = JSON.parse(JSON.stringify(curves)) as CurvesJson;
    json.lanes[0]!.points.last!.seconds = 0.0144;
    const later = new Curves(json);
    later.add({ ...start, time: '2026-01-01T01:00:00.000Z', from: { epoch: 0, step: 2 } });
    expect(later.lanes[0]!.startedAt).toBe(Date.parse('2026-01-01T00:59:59.986Z'));
  });

  it('places an arm after the arm it is initialised from', () => {
    const curves = new Curves();
    const arms = [
      { name: 'small' },
      { name: 'fixres', initFrom: 'small' },
      { name: 'twice', initFrom: 'fixres' },
      { name: 'round', initFrom: 'round' },
      { name: 'lost', initFrom: 'nowhere' },
    ];
    curves.add({ type: 'run-start', config: { experiment: { arms } } });
    for (const { name } of arms) curves.add(point(5, 1, { arm: name, epoch: 1 }));
    curves.add(point(7, 1, { arm: 'fixres', seed: 1 }));
    const later = new Curves(JSON.parse(JSON.stringify(curves)) as CurvesJson);
    const starts = later.lanes.map((lane) => [
      lane.arm,
      lane.seed,
      later.startOf(lane, 'step'),
      later.startOf(lane, 'epoch'),
    ]);
    expect(starts).toEqual([
      ['small', 0, 0, 0],
      ['fixres', 0, 15, 1.5],
      ['twice', 0, 30, 3],
      ['round', 0, 0, 0],
      ['lost', 0, 0, 0],
      ['fixres', 1, 0, 0],
    ]);
  });

  it('ignores what it does not understand', () => {
    const curves = new Curves();
    for (const event of [
      null,
      3,
      'x',
      [],
      {},
      { type: 'progress', phase: 'train' },
      { type: 'epoch' },
      { type: 'run-start', config: [] },
    ])
      curves.add(event);
    expect(curves.lanes.every(({ points, epochs }) => points.length + epochs.length === 0)).toBe(
      true,
    );
  });

  it('sends only the requested range, with an arm placed after the one it is initialised from', () => {
    const curves = new Curves();
    curves.add({
      type: 'run-start',
      config: { experiment: { arms: [{ name: 'small' }, { name: 'fixres', initFrom: 'small' }] } },
    });
    for (const arm of ['small', 'fixres'])
      for (let step = 1; step <= 100; step++) curves.add(point(step, step, { arm, steps: 100 }));
    const stepsOf = (json: CurvesJson): unknown[] =>
      json.lanes.map(({ points }) => points.means.step);
    expect(stepsOf(curves.reduced(1024, { axis: 'step', from: 98.5, to: 102 }))).toEqual([
      [98, 99, 100],
      [1, 2],
    ]);
    expect(stepsOf(curves.reduced(1024, { axis: 'epoch', from: 0.1, to: 0.12 }))).toEqual([
      [9, 10, 11, 12],
      [1],
    ]);
  });

  it('continues after serialisation as if there had been none, at every cut', () => {
    const whole = new Curves(undefined, { maxPoints: 8 });
    const events = Array.from({ length: 40 }, (_, i) =>
      i % 7 === 6 ? point(i, Number.NaN) : point(i, i / 3),
    );
    for (const event of events) whole.add(event);
    for (let cut = 0; cut <= events.length; cut += 3) {
      const first = new Curves(undefined, { maxPoints: 8 });
      for (const event of events.slice(0, cut)) first.add(event);
      const second = new Curves(JSON.parse(JSON.stringify(first)) as CurvesJson, { maxPoints: 8 });
      for (const event of events.slice(cut)) second.add(event);
      expect(second.toJSON()).toEqual(whole.toJSON());
    }
  });
});
