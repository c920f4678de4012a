#!/bin/sh
# LiteRT for JavaScript opens a model whose batch is free, and then refuses every input.
#
# TensorFlow's converter marks the batch of a Keras model as free: -1 in the tensor's shape_signature, beside the shape with 1. The interpreter
# for Python runs the shape, and resizes it on request. LiteRT for JavaScript compares the dimensions of an input with the signature, and no
# input has -1. Without a signature the same model runs.
#
# Seen with @litertjs/core 2.5.3 and ai-edge-litert 2.3.0, for a RELU of [[-1, 2]]:
#   Python, free [[0.0, 2.0]]
#   JavaScript, fixed [0,2]
#   JavaScript, free: TensorBuffer ranked tensor type Float32[1, 2] does not match expected ranked tensor type Float32[-1, 2]
. "$(dirname "$0")/lib/packages.sh"

with_pip ai-edge-litert==2.3.0
with_npm @litertjs/core@2.5.3
cat > make.py <<'EOF'
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter


def tensor(name, signature):
    each = schema.TensorT()
    each.name, each.shape, each.shapeSignature = name, [1, 2], signature
    each.hasRank = True
    return each


def named(name, index):
    each = schema.TensorMapT()
    each.name, each.tensorIndex = name, index
    return each


def write(file, signature):
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RELU
    code.version = 1
    relu = schema.OperatorT()
    relu.inputs, relu.outputs = [0], [1]
    graph = schema.SubGraphT()
    graph.tensors = [tensor("x", signature), tensor("y", signature)]
    graph.inputs, graph.outputs, graph.operators = [0], [1], [relu]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    model.buffers = [schema.BufferT()]
    key = schema.SignatureDefT()
    key.signatureKey, key.inputs, key.outputs = "serving_default", [named("x", 0)], [named("y", 1)]
    model.signatureDefs = [key]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    with open(file, "wb") as out:
        out.write(builder.Output())


write("free.tflite", [-1, 2])
write("fixed.tflite", None)
interpreter = Interpreter("free.tflite")
interpreter.allocate_tensors()
interpreter.set_tensor(0, np.array([[-1, 2]], np.float32))
interpreter.invoke()
seen = interpreter.get_tensor(1).tolist()
print("Python, free", seen)
assert seen == [[0, 2]]
EOF
venv/bin/python make.py 2> make.log
cat > try.mjs <<'EOF'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

// It is made for pages: this is how it loads its WebAssembly.
globalThis.self = globalThis;
globalThis.importScripts = (file) => {
  const read = new Function('require', '__filename', '__dirname', `${readFileSync(file, 'utf8')}\nreturn ModuleFactory;`);
  globalThis.ModuleFactory = async (module) =>
    read(createRequire(file), file, dirname(file))({ ...module, printErr: () => {} });
};
console.warn = () => {};
const { loadLiteRt, loadAndCompile, Tensor } = await import('@litertjs/core');
await loadLiteRt(`${process.cwd()}/node_modules/@litertjs/core/wasm`);
const run = async (file) => {
  const model = await loadAndCompile(new Uint8Array(readFileSync(file)), { accelerator: 'wasm' });
  const [y] = await model.run([new Tensor(Float32Array.of(-1, 2), [1, 2])]);
  return [...y.toTypedArray()];
};
const fixed = await run('fixed.tflite');
console.log('JavaScript, fixed', JSON.stringify(fixed));
assert.deepEqual(fixed, [0, 2]);
await assert.rejects(run('free.tflite'), ({ message }) => {
  console.log(`JavaScript, free: ${message}`);
  return /Float32\[1, 2\] does not match .* Float32\[-1, 2\]/.test(message);
});
process.exit(0);
EOF
node try.mjs
