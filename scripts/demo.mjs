// npm run demo: sets everything up and runs the FixRes experiment on the built-in flowers. Further options go to `fixres reproduce`.
import { cli, run, say, setUp } from './steps.mjs';

await setUp();
say('FixRes on the built-in flowers');
process.exitCode = await run(process.execPath, [cli, 'reproduce', 'synthetic', '--preset', 'quick', ...process.argv.slice(2)]);
