import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/**
 * What every benchmark's JSON begins with: its command, and the machine. Call it before measuring,
 * for the load of other programs.
 */
export function about() {
  return {
    command: ['pnpm bench', ...process.argv.slice(2)].join(' '),
    date: new Date().toISOString().slice(0, 10),
    machine: {
      cpu: cpus()[0].model.trim(),
      cores: availableParallelism(),
      memoryMb: Math.round(totalmem() / 1e6),
      platform: `${process.platform}-${process.arch}`,
      node: process.version,
      loadBefore: Number(loadavg()[0].toFixed(2)),
    },
  };
}

/** The machine as text, for the title of a table. */
export function machineText({ cpu, cores, node, loadBefore }) {
  return `${cpu}, ${cores} cores, Node ${node}, load ${loadBefore}`;
}
