import { number, ratioText, spreadText, table } from '../docs/markdown.mjs';

/** Measured beside predicted, of processes that share this machine, and of hosts with a slower network. */
export function steps({ steps: local, shaped }) {
  const rows = [
    ...local.map((each) => ({ name: `${each.processes}`, network: 'this machine', ...each })),
    ...(shaped.rows ?? []).map((each) => ({
      name: `${each.processes}`,
      network: `${each.gbits} Gbit/s (tc)`,
      ...each,
    })),
  ];
  const cells = ({ ms, predictedMs, difference }) => [
    spreadText(ms),
    number(predictedMs),
    percent(difference),
  ];
  return table(
    ['Processes', 'Network', 'What', 'ms', 'Predicted ms', 'Difference'],
    rows.flatMap(({ name, network, step, allReduce }) => [
      [name, network, 'training step', ...cells(step)],
      ...allReduce.map((each) => ['', '', `all-reduce of ${megabytes(each)}`, ...cells(each)]),
    ]),
  );
}

/** The step of more processes, each with a host of its own, and the part of it that computes. */
export function predictions({ predicted }) {
  const [{ steps: columns }] = predicted;
  return table(
    ['Network', ...columns.map(({ processes }) => `${processes} processes`)],
    predicted.map(({ link, steps: each }) => [
      link,
      ...each.map(({ ms, efficiency }) => `${number(ms)} ms, ${percent(efficiency)}`),
    ]),
  );
}

/** Fine-tuning on cached features with one process and with two. */
export function finetuning({ finetune }) {
  return table(
    ['', '1 process', '2 processes', 'Ratio', '2 fine-tunings apart'],
    finetune === null
      ? [['images a second', 'not measured']]
      : [
          [
            'images a second',
            spreadText(finetune.alone),
            spreadText(finetune.two),
            ratioText(finetune.ratio.median),
            spreadText(finetune.apart),
          ],
          row('first epoch, with the features, s', finetune.firstEpochSeconds),
          row('each later epoch, ms', finetune.laterEpochMs),
        ],
  );
}

function row(name, { alone, two, apart }) {
  const ratio = ratioText(alone.median / two.median);
  return [name, spreadText(alone), spreadText(two), ratio, spreadText(apart)];
}

function megabytes({ bytes }) {
  return `${number(bytes / 1e6)} MB`;
}

function percent(part) {
  return `${number(100 * part)} %`;
}
