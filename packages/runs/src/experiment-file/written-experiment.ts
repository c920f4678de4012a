import { type Fields, fieldsOf } from '../fields.ts';

/**
 * An experiment as an experiment file has it, without version and data set: the file makes the same experiment again.
 *
 * @param experiment planned in this process, or of a run's `config.json`
 */
export function writtenExperiment(experiment: unknown): Fields {
  // Runs that do not say it had running statistics.
  const { model, arms, normStatistics = 'running', ...rest } = fieldsOf(experiment);
  const file = {
    // The digest of a model folder is found again.
    model: { ...fieldsOf(model), digest: undefined },
    arms: Array.isArray(arms) ? (arms as unknown[]).map(writtenArm) : arms,
    ...rest,
    normStatistics,
  };
  return JSON.parse(JSON.stringify(file)) as Fields;
}

function writtenArm(arm: unknown): Fields {
  const { epochs, steps, cost, ema, ...rest } = fieldsOf(arm);
  return {
    ...rest,
    // A length that was derived from a cost is derived again.
    ...(cost === undefined ? { epochs, steps } : { cost }),
    // Runs that do not say it had no warm-up.
    ...(ema !== undefined && { ema: { warmUp: false, ...fieldsOf(ema) } }),
  };
}
