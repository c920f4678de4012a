import type { Experiment } from '@fixres/runs';
import { counted } from '@fixres/runs/report';

/** A line for each arm whose length was derived from a cost. */
export function derivedLengthText({ arms, batchSize }: Experiment, trainImages: number): string[] {
  return arms.flatMap(({ name, cost, steps }) => {
    if (cost === undefined || steps === undefined) return [];
    const epochs = (steps / Math.ceil(trainImages / batchSize)).toFixed(2);
    return [
      `Cost:   ${name} trains for ${counted(steps, 'step')} (${epochs} epochs), which take as much training compute as ${cost.equalTo}`,
    ];
  });
}
