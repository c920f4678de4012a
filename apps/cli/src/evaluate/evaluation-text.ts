import { imageSizeText } from '@fixres/data';
import { activationQuantiles } from '@fixres/runs';
import { counted, percent, policyAt, textTable } from '@fixres/runs/report';
import type { EvaluationReport, SizeEvaluation } from './evaluation-record.ts';
import { nonInferiorText } from './non-inferior-text.ts';
import { searchText } from './search-text.ts';

/** An evaluation as text. */
export function evaluationText(
  report: EvaluationReport,
  { perClass }: { perClass: boolean },
): string {
  const { images, dataset, evaluations, search, tta } = report;
  const withTop5 = evaluations.some(({ top5 }) => top5 !== null);
  const table = textTable(
    [
      'policy',
      'size',
      'accuracy',
      '95 % interval',
      ...(withTop5 ? ['top 5'] : []),
      'NLL',
      'ECE',
      'img/s',
    ],
    evaluations.map(({ policy, size, top1, top5, nll, calibration, imagesPerSecond }) => [
      policy,
      imageSizeText(size),
      percent(top1.accuracy),
      interval(top1.ci95),
      ...(withTop5 ? [top5 === null ? '' : percent(top5.accuracy)] : []),
      nll.toFixed(3),
      calibration.ece.toFixed(3),
      imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0),
    ]),
    withTop5 ? [1, 2, 3, 4, 5, 6, 7] : [1, 2, 3, 4, 5, 6],
  );
  const views =
    tta === 'none' ? '' : `, ${tta}: the mean of ${counted(evaluations[0]!.views, 'view')}`;
  const heading = `${dataset.name}: ${counted(images.count, 'image')} (${images.split})${views}`;
  const parts = [
    `${heading}\n\n${table}`,
    ...(perClass ? [classTable(dataset.classes, evaluations)] : []),
    ...(evaluations.some(({ activations }) => activations !== null)
      ? [activationTable(evaluations)]
      : []),
    ...(search ? [searchText(search)] : []),
    ...(search?.nonInferior ? [nonInferiorText(search.nonInferior)] : []),
  ];
  return parts.join('\n\n');
}

function activationTable(evaluations: readonly SizeEvaluation[]): string {
  const rows = evaluations.flatMap(({ policy, size, activations }) =>
    (['map', 'pooled'] as const).map((place) => {
      const { mean, sd, zeros, quantiles } = activations![place];
      const at = (q: number): string => quantiles[activationQuantiles.indexOf(q)]!.toFixed(3);
      return [
        policyAt({ policy, size }),
        place === 'map' ? 'before pooling' : 'pooled',
        mean.toFixed(3),
        sd.toFixed(3),
        percent(zeros),
        at(0.5),
        at(0.9),
        at(0.99),
      ];
    }),
  );
  return textTable(
    ['activations', 'of', 'mean', 'sd', 'zeros', 'median', '90 %', '99 %'],
    rows,
    [2, 3, 4, 5, 6, 7],
  );
}

function classTable(names: readonly string[], evaluations: readonly SizeEvaluation[]): string {
  const rows = names.map((name, i) => [
    name,
    String(evaluations[0]!.classes[i]!.total),
    ...evaluations.flatMap(({ classes }) => {
      const { accuracy, ci95 } = classes[i]!;
      return accuracy === null || ci95 === null ? ['', ''] : [percent(accuracy), interval(ci95)];
    }),
  ]);
  const header = [
    'class',
    'images',
    ...evaluations.flatMap(({ policy, size }) => [policyAt({ policy, size }), '95 % interval']),
  ];
  return textTable(header, rows, [...header.keys()].slice(1));
}

/** `63.4 % to 71.2 %` */
function interval([low, high]: readonly [number, number]): string {
  return `${percent(low)} to ${percent(high)}`;
}
