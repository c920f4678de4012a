import { useEngine } from '@fixres/engine';
import { type ClusterTask, joinCluster, timeAllReduce } from '@fixres/engine/cluster';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { clusterFacts, type ClusterFacts, differences } from './cluster-facts.ts';

/** Megabytes whose all-reduce is timed. */
const SIZES = [1, 8, 64];
/** All-reduces of each size; the median counts. */
const ROUNDS = 5;
/** Seconds that the processes have to find each other. */
const PATIENCE = 60;

/** What `fixres doctor --cluster` found. Plain data. */
export interface ClusterReport {
  processes: ClusterFacts[];
  /** Seconds of an all-reduce of float32 numbers, the median of several. */
  allReduce: { megabytes: number; seconds: number }[];
  errors: string[];
  warnings: string[];
}

/**
 * Checks, in each process, that all can train together: that they find each other and run the same
 * code, and how fast they exchange numbers. The report is the same in all.
 *
 * @throws FixresEngineError `cluster-failed`, naming processes that do not answer
 */
export async function inspectCluster(task: ClusterTask): Promise<ClusterReport> {
  const info = await useEngine({ engine: 'tensorflow', hideErrors: true });
  const cluster = joinCluster(task, { stepTimeout: PATIENCE, longTimeout: PATIENCE });
  try {
    // The clocks are read when all are here.
    cluster.exchange(new Uint8Array(0));
    const own = clusterFacts(info, task.addresses[task.rank]!);
    const processes = cluster
      .exchange(new TextEncoder().encode(JSON.stringify(own)))
      .map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as ClusterFacts);
    const allReduce = SIZES.map((megabytes) => ({
      megabytes,
      seconds: medianSeconds(timeAllReduce(cluster, { bytes: megabytes * 1e6, rounds: ROUNDS })),
    }));
    return { processes, allReduce, ...differences(processes) };
  } catch (error) {
    throw await cluster.explain(error);
  }
}

function medianSeconds(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** A report for people. */
export function clusterText({ processes, allReduce, errors, warnings }: ClusterReport): string {
  const [{ fixres, engine, node, code }] = processes as [ClusterFacts];
  const rows = processes.map(
    ({ host, address, cores, device }, rank) =>
      `Process ${rank}  ${address} on ${host}, ${device}, ${cores} cores`,
  );
  const times = allReduce.map(
    ({ megabytes, seconds }) =>
      `${megabytes} MB in ${(seconds * 1000).toFixed(1)} ms (${((megabytes * 8) / 1000 / seconds).toFixed(2)} Gbit/s)`,
  );
  return [
    ...rows,
    `Versions   fixres ${fixres}, ${engine}, Node ${node}, code ${code}`,
    `All-reduce ${times.join(', ')}`,
    '',
    ...(errors.length + warnings.length === 0
      ? [`All ${processes.length} processes can train together.`]
      : [...errors, ...warnings]),
  ].join('\n');
}

/** @throws ExitError if the processes cannot train together */
export function requireNoErrors({ errors }: ClusterReport): void {
  if (errors.length > 0)
    throw new ExitError(exitCodes.failed, 'error: The processes run different code.');
}
