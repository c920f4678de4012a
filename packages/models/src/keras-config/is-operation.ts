import type { JsonValue } from '../card/json-value.ts';

/**
 * Whether a layer of a configuration is an operation of a functional model, such as `x / 255` or
 * `keras.ops.relu(x)`, and not a Keras layer.
 */
export function isOperation({
  class_name: className,
  module,
}: Readonly<Record<string, JsonValue>>): boolean {
  return (
    (typeof module === 'string' && module.includes('.ops.')) ||
    className === 'TFOpLambda' ||
    className === 'SlicingOpLambda'
  );
}
