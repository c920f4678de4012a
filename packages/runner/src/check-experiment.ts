import type { Policy } from '@fixres/data';
import { FixresRunnerError } from './errors.ts';
import { evaluationKey, type Experiment } from './experiment.ts';

/**
 * Finds what does not fit together in an experiment, before hours of training.
 *
 * @throws FixresRunnerError `bad-option`
 */
export function checkExperiment({ arms, evaluations, comparisons }: Experiment): void {
  for (const [i, { name, initFrom, testPolicy }] of arms.entries()) {
    const earlier = arms.slice(0, i).map((arm) => arm.name);
    if (earlier.includes(name)) throw bad(`Two arms are called "${name}"; names must differ.`);
    if (initFrom !== null && !earlier.includes(initFrom)) {
      throw bad(`Arm "${name}" starts from "${initFrom}"; earlier arms: ${earlier.join(', ') || 'none'}.`);
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
    const unknown = [a, b].find((name) => !arms.some((arm) => arm.name === name));
    if (unknown !== undefined) throw bad(`A comparison names arm "${unknown}", which the experiment does not have.`);
    if (policy !== 'own' && !keys.includes(policy)) throw bad(`A comparison names evaluation "${policy}", which is not made.`);
  }
}

/** Whether two policies do the same. */
export function isSame(a: Policy, b: Policy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function bad(message: string): FixresRunnerError {
  return new FixresRunnerError('bad-option', message);
}
