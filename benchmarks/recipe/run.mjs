// What the published recipes and their augmentations add to a training step: one process trains a few
// steps of each arm in turn, as a run does, with threads that read images meanwhile.
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { augmentNames } from '@fixres/data';
import { trainingRecipeNames } from '@fixres/runs/names';
import { about, machineText } from '../about.mjs';
import { median } from '../median.mjs';
import { benchmarkPhotos } from '../photos.mjs';
import { startSides } from '../sides.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const side = join(dirname(fileURLToPath(import.meta.url)), 'fixres-side.mjs');
const known = [...trainingRecipeNames, ...augmentNames];

const usage = `Usage: pnpm bench recipe [options]
  --archive FILE      flower_photos.tgz (default FIXRES_FLOWERS)
  --photos FOLDER     photos in class folders, instead of the archive
  --cases LIST        recipes, and augmentations on their own (default: all recipes, randAugment, augMix)
  --model NAME        network (default resnet50v2)
  --width N           channels of its stem (default 64)
  --size N            image size (default 128)
  --batch N           images a step (default 32)
  --steps N           steps of a turn, at least 2; the first one is not measured (default 4)
  --workers N         threads that read images (default 2)
  --rounds N          turns of each arm (default 4)
  --engine NAME       tensorflow (default) or wasm
  --json              one JSON object on stdout
`;

export function main(args) {
  return benchmarkPhotos({
    args,
    usage,
    defaults: {
      cases: [...trainingRecipeNames, 'randAugment', 'augMix'].join(),
      model: 'resnet50v2',
      width: '64',
      size: '128',
      batch: '32',
      steps: '4',
      workers: '2',
      rounds: '4',
      engine: 'tensorflow',
    },
    parent: () => tmpdir(),
    measure: (values) => measure(parsed(values)),
    readable,
  });
}

function parsed(values) {
  const cases = values.cases.split(',').filter((name) => name !== '');
  const unknown = cases.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`Option --cases has "${unknown}"; allowed are ${known.join(', ')}.`);
  const numbers = ['width', 'size', 'batch', 'steps', 'workers', 'rounds'].map((name) => {
    const least = name === 'steps' ? 2 : 1;
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least) return [name, value];
    throw new UsageError(
      `Option --${name} is ${values[name]}; it must be a whole number of at least ${least}.`,
    );
  });
  const { model, engine, photos, folder } = values;
  return { photos, folder, cases, model, engine, ...Object.fromEntries(numbers) };
}

async function measure({ photos, folder, cases, ...settings }) {
  const began = about();
  const options = JSON.stringify({ photos, folder, cases, ...settings });
  const [program] = await startSides({ fixres: [process.execPath, [side, options]] }, 'fixres');
  if (program === undefined) throw new Error('The program that trains ended early.');
  for (let i = 0; i <= cases.length; i++) {
    const { arm } = await program.turn();
    process.stderr.write(`compiled ${arm}\n`);
  }
  const rounds = [];
  for (let i = 1; i <= settings.rounds; i++) {
    const turns = await program.turn();
    const steps = turns.map(({ arm, ms }) => `${arm} ${Math.round(median(ms))} ms`);
    process.stderr.write(`round ${i} of ${settings.rounds}: ${steps.join(', ')}\n`);
    rounds.push(...turns);
  }
  await program.stop();
  return { ...began, versions: program.versions, settings, rows: rowsOf(rounds) };
}

/** Steps of each arm, and in each round relative to the first arm. */
function rowsOf(turns) {
  const names = [...new Set(turns.map(({ arm }) => arm))];
  const stepsOf = (name) => turns.flatMap(({ arm, ms }) => (arm === name ? [median(ms)] : []));
  const plain = stepsOf(names[0]);
  return names.map((name) => {
    const steps = stepsOf(name);
    const own = turns.filter(({ arm }) => arm === name);
    return {
      name,
      msPerStep: spreadOf(steps, 1),
      stall: round(median(own.map(({ stall }) => stall)), 3),
      msPerImageRead: round(own[0].read, 2),
      relative: spreadOf(
        steps.map((ms, i) => ms / plain[i]),
        3,
      ),
    };
  });
}

function readable({ machine, settings: { model, size, batch, rounds, workers }, rows }) {
  const lines = rows.map(
    ({ name, msPerStep, stall, relative, msPerImageRead }) =>
      `  ${name.padEnd(24)}${msPerStep.median} ms a step (${msPerStep.lowest} to ${msPerStep.highest}), ${relative.median} x plain (${relative.lowest} to ${relative.highest}), waits ${Math.round(100 * stall)} %, reads an image in ${msPerImageRead} ms`,
  );
  const title = `${machineText(machine)}; ${model}, ${size} px, batch ${batch}, ${workers} threads read images, ${rounds} rounds`;
  return `${[title, ...lines].join('\n')}\n`;
}
