import { type Fields, fieldsOf } from '../fields.ts';

/**
 * An experiment as an experiment file without version and data set. The file creates the same
 * experiment again.
 *
 * @param experiment planned in this process, or from a run's `config.json`
 */
export function writtenExperiment(experiment: unknown): Fields {
  // Runs that do not record this used running statistics.
  const {
    model,
    arms,
    precision,
    precisionChoice,
    normStatistics = 'running',
    seeds,
    seedStopping,
    ...rest
  } = fieldsOf(experiment);
  const file = {
    // The digest of a model folder is computed again.
    model: { ...fieldsOf(model), digest: undefined },
    arms: Array.isArray(arms) ? (arms as unknown[]).map(writtenArm) : arms,
    ...rest,
    seeds: seedStopping === undefined ? seeds : writtenSeeds(seeds, fieldsOf(seedStopping)),
    // A precision that the machine chose is chosen again.
    precision: precisionChoice ?? precision,
    normStatistics,
  };
  return JSON.parse(JSON.stringify(file)) as Fields;
}

function writtenSeeds(seeds: unknown, { a, b, policy, until }: Fields): Fields {
  const difference = `${String(a)} - ${String(b)}`;
  const { halfWidth } = fieldsOf(until);
  return {
    until:
      typeof halfWidth === 'number'
        ? { difference, halfWidth: Number((halfWidth * 100).toPrecision(12)), policy }
        : { excludes0: difference, policy },
    max: Array.isArray(seeds) ? seeds.length : undefined,
  };
}

function writtenArm(arm: unknown): Fields {
  const { epochs, steps, cost, ema, distill, measuredSize, ...rest } = fieldsOf(arm);
  return {
    ...rest,
    // A measured size is measured again.
    ...fieldsOf(fieldsOf(measuredSize).asked),
    // A length derived from a cost is derived again.
    ...(cost === undefined ? { epochs, steps } : { cost }),
    // The digest of a model folder is computed again.
    ...(distill !== undefined && { distill: { ...fieldsOf(distill), digest: undefined } }),
    // Runs that do not record this had no warm-up.
    ...(ema !== undefined && { ema: { warmUp: false, ...fieldsOf(ema) } }),
  };
}
