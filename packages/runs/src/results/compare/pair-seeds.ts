import type { CorrectnessMatrix } from '../../statistics/correctness-matrix.ts';
import type { ComparedArm, TestedImage } from './compared-run.ts';

/** Two arms with their rows paired by seed. */
export interface PairedArms {
  /** The seeds that both have; `null` if they share none and are paired in their order. */
  seeds: number[] | null;
  a: CorrectnessMatrix;
  b: CorrectnessMatrix;
}

/** Pairs the predictions of two arms by their common seeds, or in order if they have none. */
export function pairSeeds(a: ComparedArm, b: ComparedArm): PairedArms {
  const shared = [...a.seeds.keys()].filter((seed) => b.seeds.has(seed));
  if (shared.length > 0) return { seeds: shared, a: rows(a, shared), b: rows(b, shared) };
  const count = Math.min(a.seeds.size, b.seeds.size);
  return {
    seeds: null,
    a: rows(a, [...a.seeds.keys()].slice(0, count)),
    b: rows(b, [...b.seeds.keys()].slice(0, count)),
  };
}

/** @param predictions one list per seed */
export function correctnessOf(predictions: readonly (readonly TestedImage[])[]): CorrectnessMatrix {
  return predictions.map((images) => Uint8Array.from(images, ({ correct }) => Number(correct)));
}

function rows({ seeds }: ComparedArm, chosen: readonly number[]): CorrectnessMatrix {
  return correctnessOf(chosen.map((seed) => seeds.get(seed)!));
}
