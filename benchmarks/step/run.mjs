// Milliseconds per training step (or forward pass) of ResNet50V2 in fixres, Keras, PyTorch and
// unmodified tfjs-layers, with the same images, batch size and cores. They alternate; each is a
// separate process that waits between its rounds.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { about, machineText } from '../about.mjs';
import { peerPython } from '../peer-python.mjs';
import { UsageError } from '../usage-error.mjs';
import { ratiosOf } from './ratios.mjs';
import { StepSide } from './step-side.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const usage = `Usage: pnpm bench step [options]
  --mode MODE         train (default), forward, or finetune (last normalisation and classifier)
  --size PIXELS       side of the images (default 128)
  --batch N           images a step (default 32)
  --peers LIST        of keras, torch, tfjs, malloc (default: none); malloc is fixres with malloc as it is
  --precisions LIST   of float32, bfloat16, on all sides that have both (default: both)
  --device NAME       cpu, gpu or auto (default: auto); with gpu Keras gets TensorFlow's CUDA build
  --no-onednn         TensorFlow's own kernels, as on processors for which it does not use oneDNN
  --python PROGRAM    Python with tensorflow and keras (default: one that pip makes in the cache folder)
  --torch PROGRAM     Python with torch (default: one that pip makes in the cache folder)
  --rounds N          turns of each (default 5)
  --steps N           steps a turn (default 4)
  --only-memory       leave out times, which mean little while other programs run
  --json              one JSON object on stdout
`;

const allPeers = ['keras', 'torch', 'tfjs', 'malloc'];
const allPrecisions = ['float32', 'bfloat16'];

/** Any setting of malloc turns that of fixres off; this one is glibc's default. */
const plainMalloc = 'GLIBC_TUNABLES=glibc.malloc.perturb=0';

/** Fields of a row that are or depend on times. */
const times = ['msPerStep', 'imagesPerSecond', 'readySeconds'];

export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      mode: { type: 'string', default: 'train' },
      size: { type: 'string', default: '128' },
      batch: { type: 'string', default: '32' },
      peers: { type: 'string', default: '' },
      precisions: { type: 'string', default: 'float32,bfloat16' },
      device: { type: 'string', default: 'auto' },
      'no-onednn': { type: 'boolean', default: false },
      python: { type: 'string' },
      torch: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      steps: { type: 'string', default: '4' },
      'only-memory': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const peers = values.peers.split(',').filter((peer) => peer !== '');
  const unknown = peers.find((peer) => !allPeers.includes(peer));
  if (unknown !== undefined || !['train', 'forward', 'finetune'].includes(values.mode)) {
    process.stderr.write(
      unknown === undefined ? `No mode ${values.mode}.\n${usage}` : `No peer ${unknown}.\n${usage}`,
    );
    return 2;
  }
  const precision = values.precisions.split(',').find((each) => !allPrecisions.includes(each));
  if (precision !== undefined)
    throw new UsageError(
      `Option --precisions has "${precision}"; allowed are ${allPrecisions.join(', ')}.`,
    );
  // The programs inherit it.
  if (values['no-onednn']) process.env.TF_ENABLE_ONEDNN_OPTS = '0';
  const { mode, size, batch } = values;
  const started = about();
  const sides = [];
  try {
    for (const [name, precision, program, script] of await sidesOf(peers, values)) {
      sides.push(
        await StepSide.start(name, precision, program, [...script, mode, precision, size, batch]),
      );
    }
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const side of sides) await side.turn(Number(values.steps));
    }
    const rows = sides.map((side) => side.row(Number(batch)));
    if (values['only-memory']) for (const row of rows) for (const time of times) delete row[time];
    const result = {
      ...started,
      model: 'ResNet50V2',
      mode,
      size: Number(size),
      batch: Number(batch),
      rows,
      ratios: ratiosOf(rows),
    };
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
    return 0;
  } finally {
    for (const side of sides) side.end();
  }
}

async function sidesOf(peers, { python, torch, device, precisions }) {
  const keras = peers.includes('keras')
    ? (python ?? (await peerPython(device === 'gpu' ? 'tensorflow-gpu' : 'tensorflow')))
    : undefined;
  const pytorch = peers.includes('torch') ? (torch ?? (await peerPython('torch'))) : undefined;
  const node = (side) => [join(here, 'fixres-side.mjs'), side, device];
  const both = (name, program, script) =>
    precisions.split(',').map((precision) => [name, precision, program, script]);
  return [
    ...both('fixres', process.execPath, node('fixres')),
    ...(peers.includes('malloc')
      ? both('malloc', 'env', [plainMalloc, process.execPath, ...node('fixres')])
      : []),
    ...(keras === undefined ? [] : both('keras', keras, [join(here, 'keras_side.py')])),
    ...(pytorch === undefined ? [] : both('torch', pytorch, [join(here, 'torch_side.py')])),
    ...(peers.includes('tfjs') ? [['tfjs', 'float32', process.execPath, node('tfjs')]] : []),
  ];
}

function readable({ machine, mode, size, batch, rows, ratios }) {
  const title = `ResNet50V2, ${mode}, ${size} px, batch ${batch}; ${machineText(machine)}\n`;
  const line = ({ name, precision, msPerStep, imagesPerSecond, peakRssMb, readySeconds }) =>
    `${name.padEnd(8)}${precision.padEnd(10)}${
      msPerStep
        ? `${`${msPerStep.median} ms (${msPerStep.min} to ${msPerStep.max})`.padEnd(32)}${`${imagesPerSecond} img/s`.padEnd(14)}ready in ${readySeconds} s  `
        : ''
    }${peakRssMb} MB\n`;
  const compared = ({ fixres, peer, speed, memory }) =>
    `fixres ${fixres} against ${peer}: ${speed === undefined ? '' : `${speed} x as fast, `}${memory} x the memory\n`;
  return [title, ...rows.map(line), ...ratios.map(compared)].join('');
}
