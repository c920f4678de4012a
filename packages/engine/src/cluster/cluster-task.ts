import { FixresEngineError } from '../errors.ts';

/** The place of this process among those that train one model together. Plain data. */
export interface ClusterTask {
  /** `host:port` of every process, by rank. The ports are free on their hosts. */
  readonly addresses: readonly string[];
  /** Number of this process, from 0. */
  readonly rank: number;
}

/** The maximum number of processes. More are a mistake in a list of hosts. */
export const MOST_PROCESSES = 4096;

/**
 * Checks a task.
 *
 * @param source what the task is from, to begin an error with: `Variable TF_CONFIG`
 * @throws FixresEngineError `bad-option`
 */
export function checkTask({ addresses, rank }: ClusterTask, source: string): ClusterTask {
  if (addresses.length > MOST_PROCESSES)
    throw wrong(
      `${source} names ${addresses.length} processes; at most ${MOST_PROCESSES} are allowed.`,
    );
  for (const address of addresses) {
    const port = Number(/^(?:[\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(address)?.[1]);
    if (!(port >= 1 && port <= 65_535))
      throw wrong(`${source} names the address "${address}"; it must be host:port.`);
  }
  const repeated = addresses.find((address, i) => addresses.indexOf(address) < i);
  if (repeated !== undefined)
    throw wrong(`${source} names the address "${repeated}" twice; every process needs its own.`);
  if (!(Number.isInteger(rank) && rank >= 0 && rank < addresses.length))
    throw wrong(
      `${source} gives this process the number ${rank}; it must be a whole number from 0 to ${addresses.length - 1}.`,
    );
  return { addresses: [...addresses], rank };
}

function wrong(message: string): FixresEngineError {
  return new FixresEngineError('bad-option', message);
}
