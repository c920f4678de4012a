import type { CorrectnessMatrix } from '../../statistics/correctness-matrix.ts';
import type { ComparedArm, TestedImage } from './compared-run.ts';

/** Two arms with their rows paired by seed. */
export interface PairedArms {
  /** The seeds that both have; `null` if they share none and are paired in their order. */
  seeds: number[] | null;
  a: CorrectnessMatrix;
  b: CorrectnessMatrix;
  /** The predictions of both, in the order of the rows. */
  images: [a: TestedImage[][], b: TestedImage[][]];
}

/** Pairs the predictions of two arms by their common seeds, or in order if they have none. */
export function pairSeeds(a: ComparedArm, b: ComparedArm): PairedArms {
  const shared = [...a.seeds.keys()].filter((seed) => b.seeds.has(seed));
  const count = Math.min(a.seeds.size, b.seeds.size);
  const [ofA, ofB] = [a, b].map(({ seeds }) =>
    shared.length > 0
      ? shared.map((seed) => seeds.get(seed)!)
      : [...seeds.values()].slice(0, count),
  ) as [TestedImage[][], TestedImage[][]];
  return {
    seeds: shared.length > 0 ? shared : null,
    a: correctnessOf(ofA),
    b: correctnessOf(ofB),
    images: [ofA, ofB],
  };
}

/** @param predictions one list per seed */
export function correctnessOf(predictions: readonly (readonly TestedImage[])[]): CorrectnessMatrix {
  return predictions.map((images) => Uint8Array.from(images, ({ correct }) => Number(correct)));
}
