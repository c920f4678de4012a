import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';

/** @throws FixresModelsError `unsupported-model` for a layer whose weights are integers */
export function refuseQuantised({ dtype, name }: Readonly<Record<string, JsonValue>>): void {
  const policy =
    isJsonObject(dtype) && isJsonObject(dtype.config)
      ? (dtype.config.name ?? dtype.config.mode)
      : dtype;
  if (typeof policy !== 'string' || !/^(?:u?int4|u?int8|float8)/.test(policy)) return;
  throw new FixresModelsError(
    'unsupported-model',
    `Layer "${name as string}" is quantised (dtype policy ${policy}); only floating-point ` +
      'weights are supported.',
  );
}
