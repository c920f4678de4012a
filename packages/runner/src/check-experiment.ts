import type { Policy } from '@fixres/data';
import { armCard } from './arm-card.ts';
import { FixresRunnerError } from './errors.ts';
import { evaluationKey, type Experiment } from './experiment.ts';

/**
 * Finds what does not fit together in an experiment, before hours of training.
 *
 * @throws FixresRunnerError `bad-option`
 */
export function checkExperiment({ arms, evaluations, comparisons }: Experiment): void {
  for (const [i, arm] of arms.entries()) {
    const { name, initFrom, testPolicy } = arm;
    const earlier = arms.slice(0, i).map((each) => each.name);
    if (earlier.includes(name)) throw bad(`Two arms are called "${name}"; names must differ.`);
    const alike = earlier.find((each) => each.toLowerCase() === name.toLowerCase());
    // They become names of files and folders.
    if (alike !== undefined) throw bad(`Arms "${alike}" and "${name}" differ in case only, which some file systems do not see; choose another name.`);
    if (initFrom !== null && !earlier.includes(initFrom)) {
      throw bad(`Arm "${name}" starts from "${initFrom}"; earlier arms: ${earlier.join(', ') || 'none'}.`);
    }
    try {
      armCard(arm, [], undefined);
    } catch (error) {
      // The model's card will say how images are prepared for it.
      throw bad(`The test policy of arm "${name}" cannot be its model's preprocessing: ${(error as Error).message}`, error);
    }
    const own = evaluations.find((policy) => evaluationKey(policy) === evaluationKey(testPolicy));
    if (own === undefined) throw bad(`The test policy of arm "${name}", ${evaluationKey(testPolicy)}, is not among the evaluations.`);
    if (!isSame(own, testPolicy)) {
      throw bad(`The test policy of arm "${name}" and another one are both called ${evaluationKey(testPolicy)}; policies that differ need names that differ.`);
    }
  }
  const keys = evaluations.map(evaluationKey);
  const repeated = keys.find((key, i) => keys.indexOf(key) !== i);
  if (repeated !== undefined) throw bad(`Two evaluations are called ${repeated}; names must differ.`);
  for (const { a, b, policy } of comparisons) {
    const unknown = [a, b].find((name) => !arms.some((each) => each.name === name));
    if (unknown !== undefined) throw bad(`A comparison names arm "${unknown}", which the experiment does not have.`);
    if (policy !== 'own' && !keys.includes(policy)) throw bad(`A comparison names evaluation "${policy}", which is not made.`);
  }
}

/** Whether two policies do the same. */
export function isSame(a: Policy, b: Policy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function bad(message: string, cause?: unknown): FixresRunnerError {
  return new FixresRunnerError('bad-option', message, { cause });
}
