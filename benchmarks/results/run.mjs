// Prints what the pages of docs/results show of a finished run: accuracies, comparisons and compute, with
// all digits and without curves and predictions. It measures nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { comparePairs } from '@fixres/runs';
import { readPredictions, shellCommand } from '@fixres/runs/node';
import { policyAt } from '@fixres/runs/report';
import { round } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';
import { accuracies, comparisons } from './table.mjs';

const usage = `Usage: pnpm bench results RUN [options]
  --beside PAIRS      comparisons beside those of the run, corrected by Holm together:
                      "fixres shortSideCrop@96 - vanilla shortSideCrop@144, ..."
  --json              one JSON object on stdout
`;

export async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      beside: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [folder] = positionals;
  if (folder === undefined || !existsSync(join(folder, 'summary.json'))) {
    throw new UsageError(`The run is "${folder ?? ''}"; it must be the folder of a finished run.`);
  }
  const result = await resultOf(folder, values.beside);
  process.stdout.write(
    values.json
      ? `${JSON.stringify(result, null, 1)}\n`
      : `${accuracies(result)}\n\n${comparisons(result)}\n`,
  );
  return 0;
}

async function resultOf(folder, beside) {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const summary = read('summary.json');
  const { dataset, seconds } = summary;
  return {
    command: shellCommand(['pnpm', 'bench', ...process.argv.slice(2)]),
    dataset: {
      name: dataset.name,
      classes: dataset.classes,
      train: dataset.train,
      heldOut: dataset.heldOut,
    },
    seeds: read('config.json').experiment.seeds,
    seconds: Math.round(seconds),
    arms: summary.arms.map((arm) => armOf(arm, summary.arms)),
    comparisons: summary.comparisons.map(({ a, b, policy, ...comparison }) => ({
      a: policy === 'own' ? a : `${a} ${policy}`,
      b: policy === 'own' ? b : `${b} ${policy}`,
      ...comparisonOf(comparison),
    })),
    beside: await compareBeside(folder, summary, beside),
    ...(summary.robustness && { robustness: robustnessOf(summary) }),
  };
}

/** Accuracies on corrupted images: of each arm, by corruption (the mean over its severities), and their differences. */
function robustnessOf({ arms, robustness: { baseline, corruptions, severities, comparisons } }) {
  return {
    baseline,
    severities,
    arms: arms.map(({ name, robustness: { clean, accuracy, ci95, mce, conditions } }) => ({
      name,
      clean: round(clean, 6),
      accuracy: round(accuracy, 6),
      ci95: rounded(ci95),
      mce: mce && round(mce, 6),
      byCorruption: Object.fromEntries(
        corruptions.map((corruption) => {
          const each = conditions.filter((condition) => condition.corruption === corruption);
          const sum = each.reduce((total, condition) => total + condition.accuracy, 0);
          return [corruption, round(sum / each.length, 6)];
        }),
      ),
    })),
    comparisons: comparisons.map(
      ({ a, b, difference, ci95, p, pAdjusted, verdict, clean, kept }) => ({
        a,
        b,
        difference: round(difference, 6),
        ci95: rounded(ci95),
        p: digits(p),
        pAdjusted: digits(pAdjusted),
        verdict,
        clean: round(clean, 6),
        beyondClean: { difference: round(kept.difference, 6), ci95: rounded(kept.ci95) },
      }),
    ),
  };
}

function armOf({ name, epochs, steps, evaluations, ownEvaluation, ...arm }, all) {
  const line = [arm];
  while (line[0].initFrom !== null)
    line.unshift(all.find((each) => each.name === line[0].initFrom));
  return {
    name,
    epochs,
    ...(steps === undefined ? {} : { steps }),
    test: policyAt(evaluations[ownEvaluation]),
    // With the arms that it is initialised from.
    trainMultiplyAdds: line.reduce((sum, { trainMultiplyAdds }) => sum + trainMultiplyAdds, 0),
    evaluations: evaluations.map((evaluation) => ({
      test: policyAt(evaluation),
      accuracy: round(evaluation.accuracy, 6),
      ci95: rounded(evaluation.ci95),
      sd: evaluation.overSeeds.sd === null ? null : round(evaluation.overSeeds.sd, 6),
      values: rounded(evaluation.overSeeds.values),
    })),
  };
}

function comparisonOf({ difference, ci95, p, pAdjusted, verdict, smallestDetectable, overSeeds }) {
  return {
    difference: round(difference, 6),
    ci95: rounded(ci95),
    p: digits(p),
    pAdjusted: digits(pAdjusted),
    verdict,
    smallestDetectable: round(smallestDetectable, 6),
    overSeeds: {
      values: rounded(overSeeds.values),
      ci95: overSeeds.ci95 && rounded(overSeeds.ci95),
      p: overSeeds.p && digits(overSeeds.p),
      pAdjusted: overSeeds.pAdjusted && digits(overSeeds.pAdjusted),
    },
  };
}

/** Comparisons of arms under any of their test policies. */
async function compareBeside(folder, { arms, dataset }, beside) {
  const pairs = beside
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => pair.split(' - ').map((side) => side.trim()));
  const correct = async (side) => {
    const [name, test] = side?.split(' ') ?? [];
    const arm = arms.find((each) => each.name === name);
    const evaluation = arm?.evaluations.find((each) => policyAt(each) === test);
    if (evaluation === undefined) {
      throw new UsageError(
        `Option --beside has "${side ?? ''}"; it must be an arm and one of its test policies, such as "${arms[0].name} ${policyAt(arms[0].evaluations[0])}".`,
      );
    }
    const seeds = arm.curves.map(({ seed }) => seed);
    return Promise.all(
      seeds.map(async (seed) => {
        const of = { arm: name, seed, evaluation: test };
        return (await readPredictions(folder, of, dataset.classes)).correct;
      }),
    );
  };
  const compared = comparePairs(
    await Promise.all(pairs.map(async ([a, b]) => ({ a: await correct(a), b: await correct(b) }))),
  );
  return compared.map((comparison, i) => ({
    a: pairs[i][0],
    b: pairs[i][1],
    ...comparisonOf(comparison),
  }));
}

function rounded(values) {
  return values.map((value) => round(value, 6));
}

/** A p-value to three digits. */
function digits(p) {
  return Number(p.toPrecision(3));
}
