import { parsePolicy, type Policy } from '@fixres/data';

/** The part of an arm's configuration that the page needs. */
export interface ArmConfig {
  name: string;
  trainPolicy: Policy;
  testPolicy: Policy;
  /** Name of a freeze policy, or the policy. */
  freeze: unknown;
}

/** The arms of a run's configuration; invalid ones are left out. */
export function armsOf(config: unknown): ArmConfig[] {
  const experiment = fieldOf(config, 'experiment') ?? config;
  const arms = fieldOf(experiment, 'arms');
  if (!Array.isArray(arms)) return [];
  return (arms as unknown[]).flatMap((arm) => {
    const name = fieldOf(arm, 'name');
    try {
      const [trainPolicy, testPolicy] = [
        parsePolicy(fieldOf(arm, 'trainPolicy')),
        parsePolicy(fieldOf(arm, 'testPolicy')),
      ];
      return typeof name === 'string'
        ? [{ name, trainPolicy, testPolicy, freeze: fieldOf(arm, 'freeze') ?? 'all' }]
        : [];
    } catch {
      return [];
    }
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
