import {
  type ArmSpec,
  type MeasuredSize,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
  withLargestSizes,
} from '@fixres/runs';

/**
 * An experiment that needs as much memory as the given one and is as short as possible: one seed, two
 * epochs at most, and arms that differ in nothing that takes memory only once. What remains of an
 * epoch depends on the images it is run with.
 */
export function shortenedExperiment<Arithmetic extends PrecisionChoice>(
  experiment: PlannedExperiment<Arithmetic>,
): PlannedExperiment<Arithmetic> {
  const sized = withLargestSizes(experiment);
  const { seedStopping: _1, corruptions: _2, factorial: _3, ...rest } = sized;
  const arms: ArmSpec[] = [];
  const known = new Map<string, string>();
  /** The arm that stands for each one. */
  const standIn = new Map<string, string>();
  for (const arm of sized.arms) {
    const shortened = shortenedArm(arm, standIn);
    const { name, description: _4, ...settings } = shortened;
    const key = JSON.stringify(settings);
    const same = known.get(key);
    standIn.set(name, same ?? name);
    if (same !== undefined) continue;
    known.set(key, name);
    arms.push(shortened);
  }
  return { ...rest, arms, comparisons: [], seeds: [experiment.seeds[0]!] };
}

function shortenedArm(arm: PlannedArm, standIn: ReadonlyMap<string, string>): ArmSpec {
  const { epochs = Infinity, steps: _1, cost: _2, earlyStopping, accumulate, ...rest } = arm;
  // They need the classes of the whole data set, and hardly any memory.
  const { sampling: _3, classWeights: _4, layerRates: _5, measuredSize, ...others } = rest;
  const restores = earlyStopping !== undefined && earlyStopping.restoreBest !== false;
  return {
    ...others,
    initFrom: arm.initFrom === null ? null : standIn.get(arm.initFrom)!,
    // Of any length, and so small that nothing diverges.
    schedule: { type: 'constant', rate: 1e-6 },
    epochs: Math.min(epochs, 2),
    ...(accumulate !== undefined && { accumulate: Math.min(accumulate, 2) }),
    // Measured with the size that stands for all of them.
    ...(measuredSize && { measuredSize: onlyChosen(measuredSize) }),
    ...(restores && { earlyStopping: { patience: 2 } }),
  };
}

/**
 * A measurement that is still to be made, of one size; twice, because an experiment has several.
 *
 * @param measured after {@link withLargestSizes}, which chooses
 */
function onlyChosen({ choice, asked, candidates }: MeasuredSize): MeasuredSize {
  const chosen = candidates[choice!.chosen]!;
  return { asked, candidates: [chosen, chosen] };
}
