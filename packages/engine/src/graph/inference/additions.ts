/** Ops that add a bias to the result of a convolution. */
export const additions: ReadonlySet<string> = new Set(['Add', 'AddV2', 'BiasAdd']);
