import { availableParallelism, totalmem } from 'node:os';
import type { EngineRecord } from '@fixres/runs';

/** Content of `environment.json` in a run: the software and machine that computed it. */
export interface RunEnvironment {
  engine: EngineRecord;
  node: string;
  platform: string;
  cores: number;
  memoryMb: number;
}

export function runEnvironment(engine: EngineRecord): RunEnvironment {
  return {
    engine,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1e6),
  };
}

/** Changes since the start of a run that can affect its numbers. */
export function changesSince(before: RunEnvironment, now: RunEnvironment): string[] {
  const facts = ({ engine, platform, cores }: RunEnvironment): Record<string, string> => ({
    engine: `${engine.name} on ${engine.device}`,
    ...engine.versions,
    platform,
    cores: String(cores),
  });
  const [old, fresh] = [facts(before), facts(now)];
  return Object.keys({ ...old, ...fresh }).flatMap((key) => {
    return old[key] === fresh[key]
      ? []
      : [`${key} was ${old[key] ?? 'absent'} and is ${fresh[key] ?? 'absent'}`];
  });
}
