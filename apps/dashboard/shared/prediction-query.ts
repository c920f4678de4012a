import { MAX_PREDICTIONS_PAGE } from './limits.ts';

export const predictionKinds = ['all', 'mistakes', 'recognised'] as const;
export const predictionOrders = [
  'most confident first',
  'least confident first',
  'least probable class first',
  'as in the file',
] as const;

/** Which predictions of a file, in which order, and which page of them. */
export interface PredictionQuery {
  kind: (typeof predictionKinds)[number];
  order: (typeof predictionOrders)[number];
  /** Only those of this class, by its index. */
  label?: number;
  /** Only those predicted as this class. */
  said?: number;
  /** Only those whose file name contains this text, ignoring case. */
  find?: string;
  /** Position of the first one. */
  from: number;
  limit: number;
}

/** The query as part of an address; {@link parsePredictionQuery} reads it. */
export function formatPredictionQuery(query: PredictionQuery): string {
  return new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

/** @returns undefined if a field is invalid; missing fields are those of the first page of all */
export function parsePredictionQuery(
  fields: Readonly<Record<string, string>>,
): PredictionQuery | undefined {
  const { kind = 'all', order = 'as in the file', find } = fields;
  const numbers = (['label', 'said', 'from', 'limit'] as const).map((name) => fields[name]);
  const knownKind = predictionKinds.find((each) => each === kind);
  const knownOrder = predictionOrders.find((each) => each === order);
  if (
    !knownKind ||
    !knownOrder ||
    !numbers.every((text) => text === undefined || /^\d{1,9}$/.test(text))
  )
    return undefined;
  const [label, said, from = 0, limit = MAX_PREDICTIONS_PAGE] = numbers.map((text) =>
    text === undefined ? undefined : Number(text),
  );
  return {
    kind: knownKind,
    order: knownOrder,
    ...(label !== undefined && { label }),
    ...(said !== undefined && { said }),
    ...(find !== undefined && { find }),
    from,
    limit: Math.min(limit, MAX_PREDICTIONS_PAGE),
  };
}
