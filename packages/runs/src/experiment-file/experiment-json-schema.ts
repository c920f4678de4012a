import { z } from 'zod';
import { experimentFileSchema } from '../experiment/schema/experiment-schemas.ts';

/**
 * The JSON Schema of experiment files, for editors. The package contains it as
 * `experiment.schema.json`.
 */
export function experimentJsonSchema(): Record<string, unknown> {
  return {
    title: 'FixRes experiment',
    ...z.toJSONSchema(experimentFileSchema, { io: 'input', reused: 'ref' }),
  };
}
