import { useEngine } from '@fixres/engine';
import { FixresDataError } from '@fixres/data';
import type { ImageDataset } from '@fixres/data/node';
import { type Cluster, type ClusterTask, joinCluster, timeAllReduce } from '@fixres/engine/cluster';
import { counted } from '@fixres/runs/plain-text';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { type DataFacts, dataDifference, DataList, firstDifferentBlock } from './data-facts.ts';
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
  /** The data set in each process, if one was given. */
  data?: DataFacts[];
  errors: string[];
  warnings: string[];
}

/**
 * Checks, in each process, that all can train together: that they find each other and run the same
 * code, and how fast they exchange numbers; with a data set, that all have the same images. The report is
 * the same in all.
 *
 * @param openData opens the data set
 * @throws FixresEngineError `cluster-failed`, naming processes that do not answer
 */
export async function inspectCluster(
  task: ClusterTask,
  openData?: () => Promise<ImageDataset>,
): Promise<ClusterReport> {
  // Before the processes wait for each other, which has a limit.
  const opened = openData && (await openedData(openData));
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
    const found = differences(processes);
    if (opened === undefined) return { processes, allReduce, ...found };
    const { data, errors } = comparedData(opened, cluster, processes);
    return { processes, allReduce, data, ...found, errors: [...found.errors, ...errors] };
  } catch (error) {
    throw await cluster.explain(error);
  }
}

interface OpenedData {
  list: DataList;
  facts: DataFacts;
}

/** Another process must learn why one cannot open the data set, so that is no error here. */
async function openedData(open: () => Promise<ImageDataset>): Promise<OpenedData> {
  try {
    const list = new DataList(await open());
    return { list, facts: list.facts };
  } catch (error) {
    if (!(error instanceof FixresDataError)) throw error;
    const list = new DataList(undefined);
    return { list, facts: { ...list.facts, error: error.message } };
  }
}

/** Compares the data sets of all processes with that of process 0. */
function comparedData(
  { list, facts }: OpenedData,
  cluster: Pick<Cluster, 'exchange'>,
  processes: readonly ClusterFacts[],
): { data: DataFacts[]; errors: string[] } {
  const exchanged = <T>(value: T): T[] =>
    cluster
      .exchange(new TextEncoder().encode(JSON.stringify(value)))
      .map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
  const data = exchanged(facts);
  const nameOf = (rank: number): string => `process ${rank} (${processes[rank]!.host})`;
  const unopened = data.flatMap(({ error }, rank) =>
    error === undefined ? [] : [`Data set of ${nameOf(rank)}: ${error}`],
  );
  if (unopened.length > 0) return { data, errors: unopened };
  const blocks = cluster.exchange(list.blocks());
  const errors: string[] = [];
  for (const [rank, own] of blocks.entries()) {
    const block = firstDifferentBlock(own, blocks[0]!);
    if (block === undefined) continue;
    const lines = exchanged(list.linesOf(block));
    errors.push(
      dataDifference(
        { who: nameOf(rank), lines: lines[rank]! },
        { who: nameOf(0), lines: lines[0]! },
      ),
    );
  }
  return { data, errors };
}

function medianSeconds(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** A report for people. */
export function clusterText({
  processes,
  allReduce,
  data,
  errors,
  warnings,
}: ClusterReport): string {
  const [{ fixres, engine, node, code }] = processes as [ClusterFacts];
  const rows = processes.map(
    ({ host, address, cores, device }, rank) =>
      `Process ${rank}  ${address} on ${host}, ${device}, ${counted(cores, 'core')}`,
  );
  const times = allReduce.map(
    ({ megabytes, seconds }) =>
      `${megabytes} MB in ${(seconds * 1000).toFixed(1)} ms (${((megabytes * 8) / 1000 / seconds).toFixed(2)} Gbit/s)`,
  );
  return [
    ...rows,
    `Versions   fixres ${fixres}, ${engine}, Node ${node}, code ${code}`,
    `All-reduce ${times.join(', ')}`,
    ...(data?.map(
      ({ images, digest, error }, rank) =>
        `Data       process ${rank}: ${error === undefined ? `${counted(images, 'image')}, ${digest}` : 'cannot be opened'}`,
    ) ?? []),
    '',
    ...(errors.length + warnings.length === 0
      ? [`All ${processes.length} processes can train together.`]
      : [...errors, ...warnings]),
  ].join('\n');
}

/** @throws ExitError if the processes cannot train together */
export function requireNoErrors({ errors }: ClusterReport): void {
  if (errors.length > 0)
    throw new ExitError(exitCodes.failed, 'error: The processes cannot train together.');
}
