import { describe, expect, it } from 'vitest';
import { parseFeatures } from './cpu.ts';
import { parseGpus } from './gpu.ts';
import { adviceFor, type AdviceFacts, inspectMachine } from './inspect-machine.ts';

const fine: AdviceFacts = {
  engine: { name: 'tensorflow', device: 'cpu', reason: '', versions: {} },
  cpu: { model: 'x', cores: 8, features: ['avx2'] },
  gpu: { driverLoaded: false, seen: false, missing: null },
  memory: { totalMb: 32_000, freeMb: 1, limitMb: null },
  allocator: { keepsMemory: true, hugePages: true, reason: '' },
  winograd: true,
  platform: 'linux',
  toolsMissing: [],
  canHaveCudaBuild: true,
};
const onWasm = { ...fine.engine, name: 'wasm' } as const;
const unseen = {
  driverLoaded: true,
  seen: false,
  missing: "TensorFlow's CUDA build is not set up: run `fixres setup --gpu`",
};

describe('inspectMachine', () => {
  it('reports this machine as plain data', async () => {
    const report = await inspectMachine();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.node).toEqual({
      version: process.versions.node,
      abi: process.versions.modules,
      napi: process.versions.napi,
    });
    expect(report.packages['tfjs-core']).toMatch(/^4\./);
    expect(report.cpu.cores).toBeGreaterThan(0);
    expect(report.memory.totalMb).toBeGreaterThan(report.memory.freeMb);
    expect(report.gpu.seen).toBe(report.engine.device === 'gpu');
  });
});

describe('adviceFor', () => {
  it('returns no advice for an optimal machine', () => expect(adviceFor(fine)).toEqual([]));

  it('does not advise what only Linux has', () =>
    expect(adviceFor({ ...fine, winograd: false, platform: 'darwin' })).toEqual([]));

  it.each<[string, Partial<AdviceFacts>, string]>([
    [
      'wasm',
      { engine: onWasm },
      'Set up the native engine with `fixres setup`; it trains much faster than wasm.',
    ],
    [
      'wasm on a machine with a GPU',
      { engine: onWasm, gpu: unseen },
      'Set up the native engine with `fixres setup --gpu`; it trains much faster than wasm.',
    ],
    [
      'wasm with a GPU but no CUDA build',
      { engine: onWasm, gpu: unseen, canHaveCudaBuild: false },
      'Set up the native engine with `fixres setup`; it trains much faster than wasm.',
    ],
    [
      'a missing tool',
      { engine: onWasm, toolsMissing: ['a C++ compiler is missing: apt-get install g++'] },
      'Set up the native engine, which trains much faster than wasm: a C++ compiler is missing: apt-get install g++; then run `fixres setup`.',
    ],
    [
      'an addon that an earlier version did not build',
      {
        allocator: {
          keepsMemory: false,
          hugePages: false,
          reason: 'an addon is missing',
          remedy: 'run `fixres setup`',
        },
      },
      'Keep freed memory: an addon is missing; run `fixres setup`.',
    ],
    [
      'an engine that was built without a compiler',
      { winograd: false },
      'Compute 3x3 convolutions with fewer multiplications: run `fixres setup` where there is a C++ compiler.',
    ],
    [
      'an unused GPU',
      { gpu: unseen },
      "Use the GPU: TensorFlow's CUDA build is not set up: run `fixres setup --gpu`.",
    ],
    [
      'an old processor',
      { cpu: { ...fine.cpu, features: [] } },
      'This processor has no AVX2, which the fast paths of TensorFlow need.',
    ],
    [
      'a small container',
      { memory: { ...fine.memory, limitMb: 4000 } },
      'There is little memory (4000 MB); use a smaller --batch-size or --large.',
    ],
  ])('notices %s', (_name, facts, expected) => {
    expect(adviceFor({ ...fine, ...facts })).toEqual([expected]);
  });

  it('puts the most effective advice first', () => {
    const advice = adviceFor({
      ...fine,
      engine: onWasm,
      memory: { ...fine.memory, limitMb: 4000 },
    });
    expect(advice).toHaveLength(2);
    expect(advice[0]).toContain('native engine');
  });
});

describe('parsers', () => {
  it('read processor features from Linux and macOS output', () => {
    expect(parseFeatures('flags : fpu avx2 amx_tile avx512f_other\n')).toEqual([
      'avx2',
      'amx_tile',
    ]);
    expect(parseFeatures('machdep.cpu.leaf7_features: RDWRFSGS AVX2 BMI2')).toEqual(['avx2']);
  });

  it('read the lines of nvidia-smi', () => {
    expect(parseGpus('NVIDIA H100, 81559, 550.54.15\r\n')).toEqual([
      { name: 'NVIDIA H100', memoryMb: 81_559, driver: '550.54.15' },
    ]);
    expect(parseGpus('')).toEqual([]);
  });
});
