/**
 * Whether a variable is the offset or the scale of a layer (`bias`, `beta`, `gamma`), which weight
 * decay commonly excludes. Decides by the tfjs name: `LAYER/WEIGHT`, followed by `_1`, `_2`, ... if
 * the name was taken.
 */
export function isNormOrBias(variableName: string): boolean {
  return /(?:^|[/_])(?:bias|beta|gamma)(?:_\d+)?$/.test(variableName);
}
