// npm run demo: sets everything up and runs the FixRes experiment on the built-in flowers. Further options go to `fixres reproduce`.
import { capture, cli, run, say, setUp } from './steps.mjs';

const args = process.argv.slice(2);
await setUp();
say('FixRes on the built-in flowers');
// A quarter held out, so that the differences that matter stand out from the noise.
const options = ['--preset', await presetFor(args), '--held-out', '0.25', ...args];
process.exitCode = await run(process.execPath, [cli, 'reproduce', 'synthetic', ...options]);

/** wasm computes an image about eight times as slowly as the native engine, so it gets the smaller experiment. */
async function presetFor(given) {
  const at = given.indexOf('--engine');
  const asked = at < 0 ? (process.env.FIXRES_ENGINE ?? 'auto') : given[at + 1];
  const name = asked === 'auto' ? JSON.parse(await capture(process.execPath, [cli, 'doctor', '--json'])).engine.name : asked;
  return name === 'tensorflow' ? 'quick' : 'tiny';
}
