import { describe, expect, it } from 'vitest';
import { parseFeatures } from './cpu.ts';
import { parseGpus } from './gpu.ts';
import { adviceFor, type AdviceFacts, inspectMachine } from './inspect-machine.ts';

const fine: AdviceFacts = {
  engine: { name: 'tensorflow', device: 'cpu', reason: '', versions: {} },
  cpu: { model: 'x', cores: 8, features: ['avx2'] },
  gpus: [],
  memory: { totalMb: 32_000, freeMb: 1, limitMb: null },
  native: { flavor: 'cpu', tensorflow: '2.21.0', folder: '/' },
  hasPackage: true,
};
const gpu = { name: 'H100', memoryMb: 81_559, driver: '550' };

describe('inspectMachine', () => {
  it('reports this machine as plain data', async () => {
    const report = await inspectMachine();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.node).toEqual({ version: process.versions.node, abi: process.versions.modules, napi: process.versions.napi });
    expect(report.packages['tfjs-core']).toMatch(/^4\./);
    expect(report.cpu.cores).toBeGreaterThan(0);
    expect(report.memory.totalMb).toBeGreaterThan(report.memory.freeMb);
  });
});

describe('adviceFor', () => {
  it('is silent when nothing can be better', () => expect(adviceFor(fine)).toEqual([]));

  it.each<[string, Partial<AdviceFacts>, RegExp]>([
    ['wasm', { engine: { ...fine.engine, name: 'wasm' }, native: null }, /fixres setup/],
    ['a missing package', { engine: { ...fine.engine, name: 'wasm' }, native: null, hasPackage: false }, /Install @tensorflow/],
    ['an unused GPU', { gpus: [gpu] }, /fixres setup --gpu/],
    ['a GPU without libraries', { gpus: [gpu], native: { ...fine.native!, flavor: 'gpu' } }, /CUDA/],
    ['an old processor', { cpu: { ...fine.cpu, features: [] } }, /AVX2/],
    ['a small container', { memory: { ...fine.memory, limitMb: 4000 } }, /4000 MB/],
  ])('notices %s', (_name, facts, expected) => {
    const advice = adviceFor({ ...fine, ...facts });
    expect(advice).toHaveLength(1);
    expect(advice[0]).toMatch(expected);
  });
});

describe('parsers', () => {
  it('read processor features from Linux and macOS text', () => {
    expect(parseFeatures('flags : fpu avx2 amx_tile avx512f_other\n')).toEqual(['avx2', 'amx_tile']);
    expect(parseFeatures('machdep.cpu.leaf7_features: RDWRFSGS AVX2 BMI2')).toEqual(['avx2']);
  });

  it('reads the lines of nvidia-smi', () => {
    expect(parseGpus('NVIDIA H100, 81559, 550.54.15\n')).toEqual([{ name: 'NVIDIA H100', memoryMb: 81_559, driver: '550.54.15' }]);
    expect(parseGpus('')).toEqual([]);
  });
});
