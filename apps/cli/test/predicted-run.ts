import { writeRun } from './run-folders.ts';

const policy = (name: string, size: number): object => ({
  version: 1,
  name,
  output: { width: size, height: size },
  steps: [],
});

/** A held-out image and whether an arm classified it correctly. */
export interface Image {
  file: string;
  label: string;
  right: boolean;
}

/** 40 images of two classes, of which those from `wrongFrom` to `wrongTo` are misclassified. */
export function images(wrongFrom: number, wrongTo: number): Image[] {
  return Array.from({ length: 40 }, (_, i) => ({
    file: `${i % 2 ? 'b' : 'a'}/${i}.jpg`,
    label: i % 2 ? 'b' : 'a',
    right: i < wrongFrom || i >= wrongTo,
  }));
}

/** Writes a run at one size, with the predictions of each arm and seed. */
export async function run(
  folder: string,
  arms: Record<string, Image[][]>,
  { learningRate = 0.1, heldOut = 'one' }: { learningRate?: number; heldOut?: string | null } = {},
): Promise<string> {
  const seeds = [...Object.values(arms)[0]!.keys()];
  const experiment = {
    model: { name: 'resnet14v2', width: 8 },
    arms: Object.keys(arms).map((name) => ({
      name,
      description: folder,
      trainPolicy: policy('crop', 32),
      testPolicy: policy('resize', 32),
      schedule: { type: 'constant', rate: learningRate },
    })),
    evaluations: [policy('resize', 32)],
    seeds,
  };
  const config = {
    dataset: { source: '/photos' },
    command: `fixres run ${folder}`,
    experiment,
    ...(heldOut !== null && { images: { train: 'x', heldOut } }),
  };
  const predictions = Object.entries(arms).flatMap(([arm, perSeed]) =>
    perSeed.map((list, seed): [string, object[]] => [
      `predictions/${arm}-seed${seed}-resize@32.jsonl`,
      list.map(({ file, label, right }) => ({
        file,
        label,
        probabilities: (label === 'a') === right ? [0.9, 0.1] : [0.2, 0.8],
      })),
    ]),
  );
  const start = {
    n: 0,
    time: '2026-11-24T08:00:00.000Z',
    type: 'run-start',
    format: 1,
    dataset: { name: 'photos', classes: ['a', 'b'] },
    config,
  };
  return writeRun(folder, {
    'config.json': config,
    'events.jsonl': [start],
    ...Object.fromEntries(predictions),
  });
}
