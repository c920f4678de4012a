// What gradient checkpointing saves in memory, and what it costs in processor time. A process each; with
// and without it alternate.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { modelNames, stemWidths } from '@fixres/models/names';
import { about, machineText } from '../about.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const side = join(dirname(fileURLToPath(import.meta.url)), 'fixres-side.mjs');

const usage = `Usage: pnpm bench checkpointing [options]
  --models LIST       networks (default resnet50v2,mobilenetv2)
  --width N           channels of their stems (default: those of each network)
  --size N            image size (default 224)
  --batch N           images a step (default 32)
  --precision NAME    float32 (default) or bfloat16
  --steps N           steps of a process after the first (default 2)
  --rounds N          processes with, and without, gradient checkpointing (default 2)
  --engine NAME       tensorflow (default) or wasm
  --json              one JSON object on stdout
`;

export function main(args) {
  const text = (value) => ({ type: 'string', default: value });
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({
    args,
    options: {
      models: text('resnet50v2,mobilenetv2'),
      width: { type: 'string' },
      size: text('224'),
      batch: text('32'),
      precision: text('float32'),
      steps: text('2'),
      rounds: text('2'),
      engine: text('tensorflow'),
      json: flag,
      help: flag,
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const result = measure(parsed(values));
  process.stdout.write(
    values.json ? `${JSON.stringify(result, undefined, 2)}\n` : readable(result),
  );
  return 0;
}

function parsed({ models: list, precision, engine, ...values }) {
  const models = list.split(',');
  const choices = {
    models: modelNames,
    precision: ['float32', 'bfloat16'],
    engine: ['tensorflow', 'wasm'],
  };
  for (const [name, chosen] of Object.entries({
    models,
    precision: [precision],
    engine: [engine],
  })) {
    const wrong = chosen.find((each) => !choices[name].includes(each));
    if (wrong !== undefined)
      throw new UsageError(
        `Option --${name} has "${wrong}"; allowed are ${choices[name].join(', ')}.`,
      );
  }
  const numbers = ['width', 'size', 'batch', 'steps', 'rounds'].flatMap((name) => {
    if (values[name] === undefined) return [];
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1) return [[name, value]];
    throw new UsageError(
      `Option --${name} is ${values[name]}; it must be a whole number of at least 1.`,
    );
  });
  return { models, precision, engine, ...Object.fromEntries(numbers) };
}

function measure({ models, rounds, ...settings }) {
  const started = about();
  const rows = models.map((model) => {
    const runs = Array.from({ length: rounds }, () =>
      [false, true].map((gradientCheckpointing) => {
        const width = settings.width ?? stemWidths[model];
        const options = JSON.stringify({ ...settings, model, width, gradientCheckpointing });
        return JSON.parse(execFileSync(process.execPath, [side, options], { encoding: 'utf8' }));
      }),
    );
    const sidesOf = (i) => runs.map((pair) => pair[i]);
    const [usual, checkpointed] = [0, 1].map((i) => ({
      cpuSeconds: spreadOf(
        sidesOf(i).map(({ cpuSeconds }) => cpuSeconds),
        2,
      ),
      peakRssMb: spreadOf(
        sidesOf(i).map(({ peakRssMb }) => peakRssMb),
        0,
      ),
    }));
    const ratio = (name) =>
      spreadOf(
        runs.map(([one, other]) => other[name] / one[name]),
        2,
      );
    return {
      model,
      versions: runs[0][0].versions,
      usual,
      checkpointed,
      relative: { cpuSeconds: ratio('cpuSeconds'), peakRssMb: ratio('peakRssMb') },
      lossDifference: round(
        Math.max(...runs.map(([one, other]) => Math.abs(one.loss - other.loss))),
        9,
      ),
    };
  });
  return { ...started, settings: { models, rounds, ...settings }, rows };
}

function readable({ machine, settings: { size, batch, precision }, rows }) {
  const lines = rows.map(
    ({ model, usual, checkpointed, relative }) =>
      `  ${model.padEnd(16)}${usual.peakRssMb.median} to ${checkpointed.peakRssMb.median} MB (${relative.peakRssMb.median} x), ${usual.cpuSeconds.median} to ${checkpointed.cpuSeconds.median} s of processor time a step (${relative.cpuSeconds.median} x)`,
  );
  const title = `${machineText(machine)}; ${size} px, batch ${batch}, ${precision}; without and with gradient checkpointing`;
  return `${[title, ...lines].join('\n')}\n`;
}
