/**
 * Whether a variable is the offset or the scale of a layer (`bias`, `beta`, `gamma`), which weight decay commonly leaves alone.
 * Goes by the name that tfjs gives: `LAYER/WEIGHT`, with `_1`, `_2`, ... after it when the name was taken.
 */
export function isNormOrBias(variableName: string): boolean {
  return /(^|\/)(bias|beta|gamma)(_\d+)?$/.test(variableName);
}
