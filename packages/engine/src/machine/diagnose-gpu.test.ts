import { describe, expect, it } from 'vitest';
import { diagnoseGpu, explainLog, type GpuFacts } from './diagnose-gpu.ts';

const card = { name: 'NVIDIA H100', memoryMb: 81_559, driver: '550.54.15' };
const facts: GpuFacts = {
  driverLoaded: true,
  gpus: [card],
  seen: false,
  canHaveCudaBuild: true,
  cudaBuild: null,
};

describe('diagnoseGpu', () => {
  it.each<[string, Partial<GpuFacts>, string | null]>([
    ['nothing without a GPU', { driverLoaded: false, gpus: [] }, null],
    ['nothing if the engine uses the GPU', { seen: true }, null],
    ['the driver', { driverLoaded: false }, "NVIDIA's driver is not loaded here"],
    [
      'the card',
      { gpus: [] },
      '`nvidia-smi` lists no card, or is missing; start a container with the GPU (`--gpus all`)',
    ],
    [
      'a supported system',
      { canHaveCudaBuild: false },
      'TensorFlow has no CUDA build for this system',
    ],
    [
      'a newer driver',
      { gpus: [{ ...card, driver: '525.59.99' }] },
      'driver 525.59.99 is too old: CUDA 12 needs 525.60 or newer',
    ],
    [
      'the CUDA build',
      { gpus: [{ ...card, driver: '525.60.13' }] },
      "TensorFlow's CUDA build is not set up: run `fixres setup --gpu`",
    ],
  ])('reports as missing: %s', async (_name, some, missing) => {
    expect(await diagnoseGpu({ ...facts, ...some })).toMatchObject({ missing });
  });
});

describe('explainLog', () => {
  // The messages are those of TensorFlow 2.21. Only the first was observed in a run; no card was
  // available for the others.
  it.each([
    [
      'E0000 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (100)',
      'the driver does not start: INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (100)',
    ],
    [
      "W0000 dso_loader.cc:55] Could not load dynamic library 'libcudnn.so.9'; dlerror: libcudnn.so.9: cannot open",
      'library libcudnn.so.9 does not load: run `fixres setup --gpu --clean`',
    ],
    [
      'W0000 gpu_device.cc:2365] Cannot dlopen some GPU libraries.',
      'some of the CUDA libraries do not load: run `fixres setup --gpu --clean`',
    ],
    [
      'W0000 dso_loader.cc:190] Cannot dlopen all CUDA libraries.',
      'some of the CUDA libraries do not load: run `fixres setup --gpu --clean`',
    ],
    ['I0000 port.cc:153] oneDNN custom operations are on.', null],
  ])('explains %s', (log, expected) => {
    expect(explainLog(log)).toBe(expected);
  });
});
