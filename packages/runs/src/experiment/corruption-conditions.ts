import {
  type Corruption,
  corruptionNames,
  corruptionSeverities,
  type Policy,
  withCorruption,
} from '@fixres/data';
import { type CorruptionSettings, evaluationKey } from './experiment.ts';

/** Every corruption at every severity of some settings; none without settings. */
export function corruptionConditions(settings: CorruptionSettings | undefined): Corruption[] {
  if (settings === undefined) return [];
  const { names = corruptionNames, severities = corruptionSeverities } = settings;
  return names.flatMap((corruption) => severities.map((severity) => ({ corruption, severity })));
}

/** Key of the evaluation of an arm with this test policy on corrupted images. */
export function corruptionKey(testPolicy: Policy, condition: Corruption): string {
  return evaluationKey(withCorruption(testPolicy, condition));
}
