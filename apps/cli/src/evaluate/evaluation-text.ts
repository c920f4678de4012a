import { adaptiveText } from '../adaptive/adaptive-text.ts';
import type { CorruptedEvaluation, EvaluationReport, SizeEvaluation } from './evaluation-record.ts';
import { imageSizeText } from '@fixres/data';
import { activationQuantiles, type CalibrationQuality } from '@fixres/runs';
import { corruptionTable, counted, percent, policyAt, textTable } from '@fixres/runs/report';
import { nonInferiorText } from './non-inferior-text.ts';
import { searchText } from './search-text.ts';

/** An evaluation as text. */
export function evaluationText(
  report: EvaluationReport,
  { perClass }: { perClass: boolean },
): string {
  const { images, dataset, evaluations, search, adaptive, tta } = report;
  const table = evaluations[0]?.multiLabel
    ? multiLabelTable(evaluations)
    : accuracyTable(evaluations);
  const views =
    tta === 'none' ? '' : `, ${tta}: the mean of ${counted(evaluations[0]!.views, 'view')}`;
  const heading = `${dataset.name}: ${counted(images.count, 'image')} (${images.split})${views}`;
  const parts = [
    `${heading}\n\n${table}`,
    ...(perClass
      ? [
          evaluations[0]?.multiLabel
            ? labelTable(dataset.classes, evaluations)
            : classTable(dataset.classes, evaluations),
        ]
      : []),
    ...(evaluations.some(({ activations }) => activations !== null)
      ? [activationTable(evaluations)]
      : []),
    ...evaluations.flatMap((each) => (each.corrupted ? [corruptedText(each, each.corrupted)] : [])),
    ...(evaluations.some(({ temperatureScaling }) => temperatureScaling !== null)
      ? [calibrationText(evaluations)]
      : []),
    ...(search ? [searchText(search)] : []),
    ...(search?.nonInferior ? [nonInferiorText(search.nonInferior)] : []),
    ...(adaptive ? [adaptiveText(adaptive)] : []),
  ];
  return parts.join('\n\n');
}

function accuracyTable(evaluations: readonly SizeEvaluation[]): string {
  const withTop5 = evaluations.some(({ top5 }) => top5);
  return textTable(
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
      ...(withTop5 ? [top5 ? percent(top5.accuracy) : ''] : []),
      nll!.toFixed(3),
      calibration!.ece.toFixed(3),
      speed(imagesPerSecond),
    ]),
    withTop5 ? [1, 2, 3, 4, 5, 6, 7] : [1, 2, 3, 4, 5, 6],
  );
}

/** Accuracy is that of whole sets of labels. */
function multiLabelTable(evaluations: readonly SizeEvaluation[]): string {
  return textTable(
    ['policy', 'size', 'mAP', 'micro F1', 'macro F1', 'exact', '95 % interval', 'img/s'],
    evaluations.map(({ policy, size, top1, multiLabel, imagesPerSecond }) => {
      const { meanAveragePrecision, f1 } = multiLabel!;
      return [
        policy,
        imageSizeText(size),
        meanAveragePrecision === null ? 'none' : percent(meanAveragePrecision),
        percent(f1.micro),
        percent(f1.macro),
        percent(top1.accuracy),
        interval(top1.ci95),
        speed(imagesPerSecond),
      ];
    }),
    [1, 2, 3, 4, 5, 6, 7],
  );
}

function speed(imagesPerSecond: number): string {
  return imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0);
}

function labelTable(names: readonly string[], evaluations: readonly SizeEvaluation[]): string {
  const rows = names.map((name, i) => [
    name,
    String(evaluations[0]!.multiLabel!.classes[i]!.images),
    evaluations[0]!.multiLabel!.thresholds[i]!.toFixed(3),
    ...evaluations.flatMap(({ multiLabel }) => {
      const { averagePrecision, f1 } = multiLabel!.classes[i]!;
      return [averagePrecision === null ? '' : percent(averagePrecision), percent(f1)];
    }),
  ]);
  const header = [
    'class',
    'images',
    'threshold',
    ...evaluations.flatMap(({ policy, size }) => [`AP ${policyAt({ policy, size })}`, 'F1']),
  ];
  return textTable(header, rows, [...header.keys()].slice(1));
}

function corruptedText(
  { policy, size, top1 }: SizeEvaluation,
  corrupted: CorruptedEvaluation,
): string {
  const { accuracy, ci95 } = corrupted;
  return `${corruptionTable(corrupted)}\n\n${policyAt({ policy, size })} on corrupted images: ${percent(accuracy)} on average (95 % interval ${interval(ci95)}); ${percent(top1.accuracy)} without corruption.`;
}

function calibrationText(evaluations: readonly SizeEvaluation[]): string {
  const error = ({ debiasedEce, ci95 }: CalibrationQuality): string[] => [
    percent(debiasedEce),
    interval(ci95),
  ];
  const table = textTable(
    [
      'calibration',
      'debiased ECE',
      '95 % interval',
      'temperature',
      'scaled',
      '95 % interval',
      'NLL',
    ],
    evaluations.flatMap(({ policy, size, temperatureScaling }) => {
      if (temperatureScaling === null) return [];
      const { asTrained, scaled, temperature } = temperatureScaling;
      return [
        [
          policyAt({ policy, size }),
          ...error(asTrained),
          temperature.mean.toFixed(2),
          ...error(scaled),
          scaled.nll.toFixed(3),
        ],
      ];
    }),
    [1, 2, 3, 4, 5, 6],
  );
  return `${table}\n\nscaled: each half of the images with the temperature fitted on the other half; temperature: fitted on all of them.`;
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
    String(evaluations[0]!.classes![i]!.total),
    ...evaluations.flatMap(({ classes }) => {
      const { accuracy, ci95 } = classes![i]!;
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
