/**
 * The layers inside a MultiHeadAttention, in the order of its weights: their names in the files of
 * Keras 3, and those in HDF5 files of whole models, which KerasMultiHeadAttention puts before the
 * names of its weights (`query_kernel`).
 */
export const attentionParts: readonly (readonly [keras3: string, legacy: string])[] = [
  ['query_dense', 'query'],
  ['key_dense', 'key'],
  ['value_dense', 'value'],
  ['output_dense', 'attention_output'],
];
