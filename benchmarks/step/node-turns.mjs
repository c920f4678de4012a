// Shared by the Node sides: the same images as in Python, and rounds on request.
import { createInterface } from 'node:readline';
import { processMemory } from '@fixres/runner/node';

/** A batch of noise with labels 0 to 4; a linear congruential generator, as in turns.py. */
export function sampleImages(size, batch) {
  let state = 12345;
  const pixels = Uint8Array.from(
    { length: batch * size * size * 3 },
    () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) >> 16,
  );
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 5);
  return { pixels, labels, shape: [batch, size, size, 3], indices: new Uint32Array(batch) };
}

/** Answers each line on stdin, a number of steps, with their milliseconds. */
export async function takeTurns(step, started, version) {
  await step();
  say({ readySeconds: (performance.now() - started) / 1000, version });
  for await (const line of createInterface(process.stdin)) {
    const ms = [];
    for (let i = 0; i < Number(line); i++) {
      const began = performance.now();
      await step();
      ms.push(performance.now() - began);
    }
    say({ ms, peakRssMb: processMemory().peakMb() });
  }
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
