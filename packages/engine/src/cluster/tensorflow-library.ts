import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Koffi from 'koffi';
import { FixresEngineError } from '../errors.ts';
import { loadedNative } from '../native/load-native.ts';

/** The address of an object of TensorFlow's C API; 0 for none. */
export type Pointer = bigint;

/** Numbers that the library reads or writes in place. */
type Memory = Uint8Array | BigInt64Array | BigUint64Array;

/** The functions of TensorFlow's C API (c_api.h) for which the binding of tfjs-node has no name. */
interface CApi {
  TF_NewStatus(): Pointer;
  TF_DeleteStatus(status: Pointer): void;
  TF_GetCode(status: Pointer): number;
  TF_Message(status: Pointer): string;
  TF_AllocateTensor(type: number, shape: BigInt64Array, rank: number, bytes: number): Pointer;
  TF_DeleteTensor(tensor: Pointer): void;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): number | bigint;
  TF_TensorType(tensor: Pointer): number;
  TF_NumDims(tensor: Pointer): number;
  TF_Dim(tensor: Pointer, axis: number): number | bigint;
  TF_NewBufferFromString(bytes: Memory, length: number): Pointer;
  TF_DeleteBuffer(buffer: Pointer): void;
  TF_NewServer(definition: Memory, length: number, status: Pointer): Pointer;
  TF_ServerStart(server: Pointer, status: Pointer): void;
  TF_ServerTarget(server: Pointer): string;
  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_NewImportGraphDefOptions(): Pointer;
  TF_DeleteImportGraphDefOptions(options: Pointer): void;
  TF_ImportGraphDefOptionsSetDefaultDevice(options: Pointer, device: string): void;
  TF_GraphImportGraphDef(graph: Pointer, buffer: Pointer, options: Pointer, status: Pointer): void;
  TF_GraphOperationByName(graph: Pointer, name: string): Pointer;
  TF_NewSessionOptions(): Pointer;
  TF_DeleteSessionOptions(options: Pointer): void;
  TF_SetTarget(options: Pointer, target: string): void;
  TF_SetConfig(options: Pointer, config: Memory, length: number, status: Pointer): void;
  TF_NewSession(graph: Pointer, options: Pointer, status: Pointer): Pointer;
  TF_CloseSession(session: Pointer, status: Pointer): void;
  TF_DeleteSession(session: Pointer, status: Pointer): void;
  TF_SessionRun(
    session: Pointer,
    options: Pointer,
    inputs: BigUint64Array,
    inputValues: BigUint64Array,
    inputCount: number,
    outputs: BigUint64Array,
    outputValues: BigUint64Array,
    outputCount: number,
    targets: Pointer,
    targetCount: number,
    metadata: Pointer,
    status: Pointer,
  ): void;
}

/** Result and arguments of each function. Objects are `void *`, whose values are numbers here. */
const signatures: Record<keyof CApi, string> = {
  TF_NewStatus: 'void *()',
  TF_DeleteStatus: 'void (void *)',
  TF_GetCode: 'int (void *)',
  TF_Message: 'const char *(void *)',
  TF_AllocateTensor: 'void *(int, const void *, int, size_t)',
  TF_DeleteTensor: 'void (void *)',
  TF_TensorData: 'void *(void *)',
  TF_TensorByteSize: 'size_t (void *)',
  TF_TensorType: 'int (void *)',
  TF_NumDims: 'int (void *)',
  TF_Dim: 'int64_t (void *, int)',
  TF_NewBufferFromString: 'void *(const void *, size_t)',
  TF_DeleteBuffer: 'void (void *)',
  TF_NewServer: 'void *(const void *, size_t, void *)',
  TF_ServerStart: 'void (void *, void *)',
  TF_ServerTarget: 'const char *(void *)',
  TF_NewGraph: 'void *()',
  TF_DeleteGraph: 'void (void *)',
  TF_NewImportGraphDefOptions: 'void *()',
  TF_DeleteImportGraphDefOptions: 'void (void *)',
  TF_ImportGraphDefOptionsSetDefaultDevice: 'void (void *, const char *)',
  TF_GraphImportGraphDef: 'void (void *, void *, void *, void *)',
  TF_GraphOperationByName: 'void *(void *, const char *)',
  TF_NewSessionOptions: 'void *()',
  TF_DeleteSessionOptions: 'void (void *)',
  TF_SetTarget: 'void (void *, const char *)',
  TF_SetConfig: 'void (void *, const void *, size_t, void *)',
  TF_NewSession: 'void *(void *, void *, void *)',
  TF_CloseSession: 'void (void *, void *)',
  TF_DeleteSession: 'void (void *, void *)',
  TF_SessionRun:
    'void (void *, void *, const void *, const void *, int, const void *, void *, int, void *, int, void *, void *)',
};

/** TensorFlow's C library, as the native engine has loaded it. */
export interface TensorFlowLibrary {
  readonly api: CApi;
  /**
   * Calls a function with a new status, and deletes it.
   *
   * @throws FixresEngineError `cluster-failed` with the status's message
   */
  readonly checked: <T>(call: (status: Pointer) => T) => T;
  /** The memory of a tensor, without a copy. It must not be used after the tensor. */
  readonly memoryOf: (tensor: Pointer) => Uint8Array;
}

let loaded: TensorFlowLibrary | undefined;

/**
 * TensorFlow's C library in the copy that the native engine computes with.
 *
 * @throws FixresEngineError `engine-unavailable` if the native engine is not loaded, is not on Linux
 * or from a wheel, or if the optional package koffi is missing
 */
export function tensorflowLibrary(): TensorFlowLibrary {
  loaded ??= load();
  return loaded;
}

function load(): TensorFlowLibrary {
  const koffi = loadKoffi();
  const find = libraryFunctions(koffi);
  const api = Object.fromEntries(
    Object.entries(signatures).map(([name, signature]) => [
      name,
      find(signature.replace('(', `${name}(`)),
    ]),
  ) as unknown as CApi;
  return {
    api,
    checked(call) {
      const status = api.TF_NewStatus();
      try {
        const result = call(status);
        if (api.TF_GetCode(status) === 0) return result;
        throw new FixresEngineError('cluster-failed', api.TF_Message(status));
      } finally {
        api.TF_DeleteStatus(status);
      }
    },
    memoryOf(tensor) {
      const bytes = Number(api.TF_TensorByteSize(tensor));
      return bytes === 0
        ? new Uint8Array(0)
        : new Uint8Array(koffi.view(api.TF_TensorData(tensor), bytes));
    },
  };
}

/** Functions of either library, by their signature. */
function libraryFunctions(koffi: typeof Koffi): (signature: string) => unknown {
  const native = loadedNative();
  if (native === null)
    throw unavailable(
      "the native engine is not loaded; call useEngine({ engine: 'tensorflow' }) first",
    );
  const [framework, main] = ['libtensorflow_framework.so.2', 'libtensorflow_cc.so.2'].map((name) =>
    join(native.dependencies, 'lib', name),
  ) as [string, string];
  if (!existsSync(main))
    throw unavailable('this needs the native engine that fixres setup builds on Linux');
  // TensorFlow's optimiser of graphs needs more stack than koffi reserves.
  koffi.config({ sync_stack_size: 16 * 2 ** 20 });
  const libraries = [main, framework].map((file) => koffi.load(realpathSync(file)));
  return (signature) => {
    const errors: unknown[] = [];
    for (const library of libraries) {
      try {
        return library.func(signature);
      } catch (error) {
        errors.push(error);
      }
    }
    throw unavailable('its library has not the expected functions', errors[0]);
  };
}

function loadKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as typeof Koffi;
  } catch (cause) {
    throw unavailable(
      'the optional package koffi is missing; run `npm install koffi` where fixres is installed',
      cause,
    );
  }
}

function unavailable(why: string, cause?: unknown): FixresEngineError {
  return new FixresEngineError(
    'engine-unavailable',
    `Several processes cannot train one model here: ${why}.`,
    { cause },
  );
}
