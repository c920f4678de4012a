// npm run demo: sets everything up and runs the FixRes experiment on the built-in flowers. Other
// options are passed to `fixres reproduce`.
import { cli, run, say, setUp } from './steps.mjs';

const args = process.argv.slice(2);
const { engine: available } = await setUp();
const at = args.indexOf('--engine');
const asked = at < 0 ? (process.env.FIXRES_ENGINE ?? 'auto') : args[at + 1];
const isSlow = asked === 'auto' ? available === 'wasm' : asked !== 'tensorflow';
// wasm is about six times slower, so it omits the slowest arm, which the claim does not need.
const arms = isSlow ? ['--arms', 'small,untuned,fixres,control,vanilla-equal-cost'] : [];
say('FixRes on the built-in flowers');
// A quarter is held out: with fewer images, the differences would be within the noise.
process.exitCode = await run(process.execPath, [
  cli,
  'reproduce',
  'synthetic',
  '--held-out',
  '0.25',
  ...arms,
  ...args,
]);
