/** The numbers of a training state, by name. */
export type StateArrays = Map<string, StateArray>;

export interface StateArray {
  shape: number[];
  dtype: 'float32' | 'int32';
  values: Float32Array | Int32Array;
}
