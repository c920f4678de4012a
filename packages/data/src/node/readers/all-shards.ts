import { FixresDataError } from '../../errors.ts';

/** `<name>-<shard>-of-<shards>` at the end of a name, or before its ending. */
const NUMBERED = /^(?<name>.*)-(?<shard>\d{5,})-of-(?<shards>\d{5,})(?<ending>\.\w+)?$/;

/** @throws FixresDataError `bad-layout` if a shard is missing: half a data set would not be noticed */
export function requireAllShards(files: readonly string[]): void {
  const present = new Map<string, Set<number>>();
  for (const file of files) {
    const { name, shard, shards, ending = '' } = NUMBERED.exec(file)?.groups ?? {};
    if (name === undefined) continue;
    const all = `${name}-*-of-${shards}${ending}`;
    present.set(all, (present.get(all) ?? new Set()).add(Number(shard)));
  }
  for (const [all, numbers] of present) {
    const shards = Number(/-of-(\d+)/.exec(all.slice(all.lastIndexOf('-of-')))![1]);
    if (numbers.size >= shards) continue;
    throw new FixresDataError(
      'bad-layout',
      `Of ${all}, ${shards - numbers.size} of ${shards} files are missing.`,
    );
  }
}
