/** The names of the preset freeze policies; `freezePolicies` describes each. */
export const freezePolicyNames = [
  'classifier',
  'classifier+last-bn',
  'classifier+last-bn-stats',
  'last-stage',
  'all-bn',
  'all',
  'bn-recalibrate',
] as const;

/** The name of a preset freeze policy. */
export type FreezePolicyName = (typeof freezePolicyNames)[number];
