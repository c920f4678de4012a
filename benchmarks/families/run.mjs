// Milliseconds per training step (or forward pass) of classifiers that Keras saved, in fixres and in
// Keras: networks of keras.applications, one after the other, or any .keras file.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { about, machineText } from '../about.mjs';
import { peerPython } from '../peer-python.mjs';
import { StepSide } from '../step/step-side.mjs';
import { UsageError } from '../usage-error.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const fixres = join(here, '..', '..', 'apps', 'cli', 'bin', 'fixres.js');

const families =
  'ResNet50,ResNet50V2,MobileNetV2,MobileNetV3Small,EfficientNetB0,EfficientNetV2B0,DenseNet121,ConvNeXtTiny,Xception,VGG16';

const usage = `Usage: pnpm bench families [options]
  --networks LIST     of keras.applications, or .keras files
                      (default: ${families.replace('DenseNet', '\n                      DenseNet')});
                      NAME@SIZE:BATCH is measured with a size and a batch of its own,
                      for example VGG16@224:8
  --mode MODE         train (default) or forward
  --size PIXELS       side of the images (default 224)
  --batch N           images a step (default 16)
  --peers LIST        keras (default) or none; without Keras, only .keras files can be measured
  --rounds N          turns of each (default 3)
  --steps N           steps a turn (default 2)
  --python PROGRAM    Python with tensorflow and keras (default: one that pip makes in the cache folder)
  --json              one JSON object on stdout
`;

export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      networks: { type: 'string', default: families },
      mode: { type: 'string', default: 'train' },
      size: { type: 'string', default: '224' },
      batch: { type: 'string', default: '16' },
      peers: { type: 'string', default: 'keras' },
      rounds: { type: 'string', default: '3' },
      steps: { type: 'string', default: '2' },
      python: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { mode, size, batch } = values;
  checkChoice('mode', mode, ['train', 'forward']);
  checkChoice('peers', values.peers, ['keras', 'none']);
  const networks = values.networks.split(',').map((text) => networkOf(text, { size, batch }));
  const named = networks.find(({ name }) => !name.endsWith('.keras'))?.name;
  if (values.peers === 'none' && named !== undefined)
    throw new UsageError(`Option --networks has "${named}"; with --peers none, only .keras files.`);
  const python =
    values.peers === 'none' ? undefined : (values.python ?? (await peerPython('tensorflow')));
  const started = about();
  const rows = [];
  for (const network of networks) {
    const row = await measure(network, python, values);
    rows.push(row);
    if (!values.json) process.stdout.write(readable(row));
  }
  const result = { ...started, mode, size: Number(size), batch: Number(batch), rows };
  process.stdout.write(
    values.json ? `${JSON.stringify(result, null, 2)}\n` : `${machineText(started.machine)}\n`,
  );
  return 0;
}

/** A network of --networks, with the size and the batch at which it is measured. */
function networkOf(text, others) {
  const own = /^(.+)@(\d+):(\d+)$/.exec(text);
  if (own === null) return { name: text, ...others };
  const [, name, size, batch] = own;
  return { name, size, batch };
}

async function measure({ name: network, size, batch }, python, { mode, rounds, steps, ...common }) {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-families-'));
  const sides = [];
  try {
    const isFile = network.endsWith('.keras');
    const file = isFile ? network : join(folder, 'network.keras');
    if (!isFile) execFileSync(python, [join(here, 'save_network.py'), network, size, file]);
    const model = join(folder, 'model');
    command('import', 'keras', file, '--out', model, '--quiet');
    const described = JSON.parse(command('describe', model, '--image-size', size, '--json'));
    const start = async (name, program, script, ...more) =>
      sides.push(await StepSide.start(name, 'float32', program, [join(here, script), ...more]));
    await start('fixres', process.execPath, 'fixres-side.mjs', model, mode, size, batch);
    if (python !== undefined)
      await start('keras', python, 'keras_side.py', file, mode, size, batch);
    for (let round = 0; round < Number(rounds); round++) {
      for (const side of sides) await side.turn(Number(steps));
    }
    const [own, keras] = sides.map((side) => side.row(Number(batch)));
    const { parameters, multiplyAdds } = described;
    return {
      network: basename(network, '.keras'),
      // Of its own.
      ...(size !== common.size && { size: Number(size) }),
      ...(batch !== common.batch && { batch: Number(batch) }),
      parameters,
      multiplyAdds,
      fixres: own,
      ...(keras && {
        keras,
        speed: hundredths(keras.msPerStep.median / own.msPerStep.median),
        memory: hundredths(own.peakRssMb / keras.peakRssMb),
      }),
    };
  } finally {
    for (const side of sides) side.end();
    await rm(folder, { recursive: true, force: true });
  }
}

function command(...args) {
  return execFileSync(process.execPath, [fixres, ...args], { encoding: 'utf8' });
}

function checkChoice(option, value, allowed) {
  if (!allowed.includes(value))
    throw new UsageError(`Option --${option} is ${value}; allowed are ${allowed.join(', ')}.`);
}

function hundredths(value) {
  return Math.round(100 * value) / 100;
}

function readable({ network, fixres: own, keras, speed, memory }) {
  const side = ({ name, msPerStep: { median, min, max }, peakRssMb }) =>
    `${name} ${median} ms (${min} to ${max}), ${peakRssMb} MB`;
  const compared = keras ? `; ${side(keras)}; ${speed} x as fast, ${memory} x the memory` : '';
  return `${network.padEnd(18)} ${side(own)}${compared}\n`;
}
