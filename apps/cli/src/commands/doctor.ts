import { inspectMachine, type MachineReport } from '@fixres/engine/node';
import { megabytes } from '../format.ts';
import { Terminal } from '../terminal.ts';

/** Shows what this machine computes with, and what would make it faster. */
export async function doctor({ json = false }: { json?: boolean }): Promise<void> {
  const report = await inspectMachine();
  new Terminal().result(json ? JSON.stringify(report) : describe(report));
}

function describe({ node, platform, packages, engine, native, cpu, gpus, memory, cache, advice }: MachineReport): string {
  const facts: [string, string][] = [
    ['Engine', engine.reason],
    ['TensorFlow', native ? `${native.tensorflow} (${native.flavor} build) in ${native.folder}` : 'not set up'],
    ['Node', `${node.version} (ABI ${node.abi}, Node-API ${node.napi}) on ${platform}`],
    ['Packages', Object.entries(packages).map(([name, version]) => `${name} ${version ?? 'missing'}`).join(', ')],
    ['Processor', `${cpu.model}, ${cpu.cores} cores, ${cpu.features.join(' ') || 'no vector extensions known'}`],
    ['GPU', gpus.map(({ name, memoryMb, driver }) => `${name}, ${megabytes(memoryMb)}, driver ${driver}`).join('; ') || 'none'],
    ['Memory', `${megabytes(memory.totalMb)}, ${megabytes(memory.freeMb)} free${memory.limitMb === null ? '' : `, limited to ${megabytes(memory.limitMb)}`}`],
    ['Cache', `${cache.folder}, ${megabytes(cache.sizeMb)}`],
  ];
  const width = Math.max(...facts.map(([title]) => title.length));
  const lines = facts.map(([title, text]) => `${title.padEnd(width)}  ${text}`);
  const faster = advice.length === 0 ? ['Nothing known would make it faster.'] : ['To make it faster:', ...advice.map((line) => `- ${line}`)];
  return [...lines, '', ...faster].join('\n');
}
