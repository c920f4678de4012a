import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import type { LiteRtReply, LiteRtRequest } from './litert-session.ts';

// The thread of openTflite. LiteRT's JavaScript is made for pages: it loads its WebAssembly with
// `importScripts` and keeps global variables, which stay in this thread.

/** What is used of the package `@litertjs/core`. */
interface LiteRt {
  loadLiteRt: (folder: string) => Promise<unknown>;
  loadAndCompile: (model: Uint8Array, options: { accelerator: 'wasm' }) => Promise<LiteRtModel>;
  Tensor: new (values: Float32Array, shape: readonly number[]) => LiteRtTensor;
}

interface LiteRtModel {
  getInputDetails(): readonly { shape: Int32Array }[];
  run(inputs: readonly LiteRtTensor[]): Promise<readonly LiteRtTensor[]>;
}

interface LiteRtTensor {
  toTypedArray(): Float32Array;
  delete(): void;
}

const { folder, model: bytes } = workerData as { folder: string; model: Uint8Array };

function importScripts(file: string): void {
  const code = `${readFileSync(file, 'utf8')}\nreturn ModuleFactory;`;
  const read = compileFunction(code, ['require', '__filename', '__dirname']) as (
    ...values: unknown[]
  ) => unknown;
  Object.assign(globalThis, { ModuleFactory: read(createRequire(file), file, dirname(file)) });
}

Object.assign(globalThis, { self: globalThis, importScripts });
const entry = createRequire(join(folder, 'package.json')).resolve('@litertjs/core');
try {
  const { loadLiteRt, loadAndCompile, Tensor } = (await import(entry)) as LiteRt;
  await loadLiteRt(join(folder, 'wasm'));
  const model = await loadAndCompile(bytes, { accelerator: 'wasm' });
  const shapes = model.getInputDetails().map(({ shape }) => [...shape]);
  parentPort!.on('message', ({ id, inputs }: LiteRtRequest) => {
    const given = inputs.map((values, i) => new Tensor(values, shapes[i]!));
    model.run(given).then(
      (results) => {
        const outputs = results.map((tensor) => Float32Array.from(tensor.toTypedArray()));
        for (const tensor of [...given, ...results]) tensor.delete();
        post({ id, outputs });
      },
      (error: unknown) => post({ id, message: (error as Error).message }),
    );
  });
  post({ id: 0, outputs: [] });
} catch (error) {
  post({ id: 0, message: (error as Error).message });
}

function post(reply: LiteRtReply): void {
  parentPort!.postMessage(reply);
}
