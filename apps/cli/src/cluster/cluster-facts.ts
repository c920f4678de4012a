import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineInfo } from '@fixres/engine';

/** What must be known of a process before it trains with others. Plain data. */
export interface ClusterFacts {
  host: string;
  address: string;
  fixres: string;
  node: string;
  /** `tensorflow 2.21.0` and others. */
  engine: string;
  device: string;
  cores: number;
  /** SHA-256 of the program's files, its first 12 digits. */
  code: string;
  /** Milliseconds since 1970, when all processes were there. */
  clock: number;
}

/** The facts of this process. */
export function clusterFacts({ device, versions }: EngineInfo, address: string): ClusterFacts {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return {
    host: hostname(),
    address,
    fixres: version,
    node: process.version,
    engine: Object.entries(versions)
      .map(([name, each]) => `${name} ${each}`)
      .join(', '),
    device,
    cores: availableParallelism(),
    code: codeDigest(),
    clock: Date.now(),
  };
}

/** The packages whose code decides what a training computes. */
const packages = ['data', 'engine', 'finetune', 'models', 'runner', 'runs'];

function codeDigest(): string {
  const hash = createHash('sha256');
  const folders = [
    fileURLToPath(new URL('..', import.meta.url)),
    ...packages.map((name) =>
      join(fileURLToPath(import.meta.resolve(`@fixres/${name}/package.json`)), '..', 'dist'),
    ),
  ];
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.js')).sort())
      hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Facts in which processes may not differ, and in which they should not. */
const equal = { must: ['fixres', 'engine', 'code'], should: ['node', 'device', 'cores'] } as const;

/** Seconds by which clocks may differ. */
const CLOCK = 2;

/** What differs between processes, one line each; errors first. */
export function differences(all: readonly ClusterFacts[]): {
  errors: string[];
  warnings: string[];
} {
  const lines = (names: readonly (keyof ClusterFacts)[]): string[] =>
    names.flatMap((name) =>
      all.flatMap((facts, rank) =>
        facts[name] === all[0]![name]
          ? []
          : [`Process ${rank} has ${name} ${facts[name]}, and process 0 has ${all[0]![name]}.`],
      ),
    );
  const clocks = all.flatMap(({ clock }, rank) => {
    const seconds = Math.abs(clock - all[0]!.clock) / 1000;
    return seconds > CLOCK
      ? [`The clock of process ${rank} differs by ${seconds.toFixed(0)} s from that of process 0.`]
      : [];
  });
  return { errors: lines(equal.must), warnings: [...lines(equal.should), ...clocks] };
}
