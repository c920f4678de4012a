/** The names of the ready-made policies; `freezePolicies` describes each. */
export const freezePolicyNames = [
  'classifier',
  'classifier+last-bn',
  'classifier+last-bn-stats',
  'last-stage',
  'all-bn',
  'all',
  'bn-recalibrate',
] as const;

/** The name of a ready-made policy. */
export type FreezePolicyName = (typeof freezePolicyNames)[number];
