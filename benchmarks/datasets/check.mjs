#!/usr/bin/env node
// Trains on data sets of every form with each published recipe, as a user does: an experiment file for
// each data set, with an arm for each recipe, run by the built command line. Then it reads what the run
// wrote: a result for each arm, and in the report its augmentations, in words and in pictures. A form
// takes about six seconds of processor time. Needs a built checkout.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readClassList } from '@fixres/data/node';
import { recipeSettings } from '@fixres/runs';
import { trainingRecipeNames } from '@fixres/runs/names';
import { forms } from './forms.mjs';

const usage = `Usage: node benchmarks/datasets/check.mjs [options]
  --engine NAME       tensorflow or wasm (default wasm)
  --size N            image size (default 32)
  --epochs N          epochs of each arm (default 2)
  --only TEXT         only forms whose name contains this text
  --keep FOLDER       keep the data sets and runs in this new folder
`;

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'wasm' },
    size: { type: 'string', default: '32' },
    epochs: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    keep: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const program = fileURLToPath(new URL('../../apps/cli/bin/fixres.js', import.meta.url));
const size = Number(options.size);
const place = options.keep ?? mkdtempSync(join(tmpdir(), 'fixres-forms-'));
mkdirSync(place, { recursive: true });

try {
  const chosen = forms.filter(({ name }) => name.includes(options.only));
  let failed = 0;
  for (const [i, form] of chosen.entries()) {
    const folder = join(place, String(i).padStart(2, '0'));
    mkdirSync(folder);
    const problems = await tryForm(form, folder).catch(({ message }) => [message]);
    if (problems.length > 0) failed += 1;
    const result = problems.length === 0 ? 'trained' : `FAILED: ${problems.join('; ')}`;
    process.stdout.write(`${form.name.padEnd(54)}${result}\n`);
  }
  process.stdout.write(
    `${chosen.length - failed} of ${chosen.length} forms trained with ${trainingRecipeNames.join(', ')}\n`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  if (options.keep === undefined) rmSync(place, { recursive: true, force: true });
}

/** Trains on a form. @returns what is wrong with the result */
async function tryForm(form, folder) {
  const { make, convert, reading, classNames, namesFile, hasParts = false, multi = false } = form;
  let source = make(join(folder, 'data'));
  if (convert !== undefined) {
    const out = join(folder, 'converted');
    await fixres([
      'data',
      'convert',
      source,
      '--to',
      convert,
      '--out',
      out,
      ...(multi ? ['--multi-label'] : []),
    ]);
    source = out;
  }
  const file = join(folder, 'experiment.json');
  const dataset = {
    source,
    ...(!hasParts && { heldOut: 0.3 }),
    ...reading,
    ...(multi && { multiLabel: true }),
    ...(classNames !== undefined && (await namesIn(folder, namesFile, classNames))),
  };
  writeFileSync(file, JSON.stringify(experimentOn(dataset), null, 2));
  const run = join(folder, 'run');
  await fixres(['run', file, '--engine', options.engine, '--out', run]);
  return problemsOf(run, multi);
}

/** As `--class-names` reads them. */
async function namesIn(folder, name = 'class_index.json', text) {
  const file = join(folder, name);
  writeFileSync(file, text);
  return readClassList(file);
}

/** With a policy whose crops are random. */
function experimentOn(dataset) {
  return {
    version: 1,
    dataset,
    model: { name: 'resnet14v2', width: 4 },
    batchSize: 8,
    arms: trainingRecipeNames.map((recipe) => ({
      name: recipe,
      recipe,
      epochs: Number(options.epochs),
      trainPolicy: { policy: 'randomResizedCrop', size },
      testPolicy: { policy: 'resize', size },
    })),
  };
}

function problemsOf(run, multi) {
  const { arms } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
  const report = readFileSync(join(run, 'report.html'), 'utf8').replaceAll(
    /"data:image[^"]*"/g,
    '""',
  );
  return trainingRecipeNames.flatMap((recipe) => {
    const arm = arms.find(({ name }) => name === recipe);
    if (arm === undefined) return [`${recipe} has no result`];
    const [{ accuracy, total, multiLabel }] = arm.evaluations;
    const { settings, augment } = recipeSettings(recipe, { epochs: 1, updateImages: 8 });
    const words = [
      ...augment.map((step) => `Augmented with ${step.op ?? step}`),
      ...(settings.mix === undefined ? [] : ['Batches are mixed: Mixup']),
      ...(settings.sampling === undefined ? [] : ['Repeated augmentation']),
    ];
    const steps = augment.map((step) => `+${step.op ?? step}`).join('');
    const seen = `seen through randomResizedCrop${steps}@${size}`;
    return [
      ...(accuracy >= 0 && total > 0 ? [] : ['no accuracy']),
      ...(!multi || multiLabel?.meanAveragePrecision?.mean >= 0 ? [] : ['no mAP']),
      ...words
        .filter((text) => !arm.description.includes(text) || !report.includes(text))
        .map((text) => `not in the report: ${text}`),
      ...(report.includes(seen) ? [] : [`no picture ${seen}`]),
      ...(/class="drawn">[^<]*(?:mixup|cutmix):/.test(report)
        ? []
        : ['no picture of a mixed batch']),
    ].map((problem) => `${recipe}: ${problem}`);
  });
}

/** Runs a command as a process of its own. @throws Error with its last line */
function fixres(words) {
  return new Promise((done, fail) => {
    execFile(
      process.execPath,
      [program, ...words],
      { maxBuffer: 2 ** 26 },
      (error, _out, stderr) => {
        if (error === null) done();
        else fail(new Error(stderr.trim().split('\n').at(-1)));
      },
    );
  });
}
