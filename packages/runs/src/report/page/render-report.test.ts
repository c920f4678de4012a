import { type ImageSize, meanSide } from '@fixres/data';
import type { Summary } from '../../events/events.ts';
import { expect, test } from 'vitest';
import {
  countedSummary,
  emptyRun,
  failedRun,
  flowersSummary,
  manyArms,
  PIXEL,
  reportInput,
  reportRun,
} from '../../../test/report-data.ts';
import { factorialRecord } from '../../../test/factorial-record.ts';
import { renderReport } from './render-report.ts';
import type { ReportInput, ReportRun } from './report-input.ts';

/** The report's text without markup, with entities and no-break spaces resolved. */
function textOf(summary: Summary): string {
  return textIn(reportInput(summary));
}

function textIn(input: ReportInput): string {
  return renderReport(input)
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&lt;', '<');
}

function oneArm(epochs: number): Summary {
  const summary = flowersSummary();
  const [small] = summary.arms;
  const curves = small!.curves.map((curve) => ({
    ...curve,
    epochs: curve.epochs.slice(0, epochs),
  }));
  return { ...summary, arms: [{ ...small!, curves }], comparisons: [] };
}

function withoutCurves(): Summary {
  const summary = flowersSummary();
  return { ...summary, arms: summary.arms.map((arm) => ({ ...arm, curves: [] })) };
}

function withBrokenLoss(): Summary {
  const summary = flowersSummary();
  const [small] = summary.arms;
  small!.curves[0]!.epochs[3]!.loss = Number.NaN;
  return summary;
}

function withCorruptions(): Summary {
  const summary = flowersSummary();
  const conditions = [1, 5].flatMap((severity) =>
    ['fog', 'jpeg_compression'].map((corruption) => ({
      corruption,
      severity,
      accuracy: 0.6 - severity / 10,
    })),
  );
  summary.arms = summary.arms.map((arm, i) => ({
    ...arm,
    robustness: {
      accuracy: 0.3,
      ci95: [0.25, 0.35],
      overSeeds: { values: [0.3], mean: 0.3, sd: null },
      clean: 0.6,
      mce: i === 0 ? 1 : null,
      conditions,
    },
  }));
  const kept = { difference: -0.02, ci95: [-0.03, -0.01] as [number, number] };
  const compared = {
    difference: 0.05,
    ci95: [0.01, 0.09] as [number, number],
    p: 0.01,
    clean: 0.07,
    kept,
  };
  summary.robustness = {
    baseline: 'small',
    corruptions: ['fog', 'jpeg_compression'],
    severities: [1, 5],
    comparisons: [{ a: 'fixres', b: 'small', ...compared, pAdjusted: 0.01, verdict: 'better' }],
  };
  return summary;
}

function rectangular(): Summary {
  const summary = flowersSummary();
  const wide = (size: ImageSize): ImageSize => ({
    height: meanSide(size),
    width: 2 * meanSide(size),
  });
  const arms = summary.arms.map((arm) => ({
    ...arm,
    trainSize: wide(arm.trainSize),
    evaluations: arm.evaluations.map((each) => ({ ...each, size: wide(each.size) })),
  }));
  return { ...summary, arms };
}

function ofManyClasses(): ReportRun {
  const summary = flowersSummary();
  summary.dataset.classes = Array.from({ length: 40 }, (_, i) => `class-${i}`);
  return reportRun(summary);
}

test.each<[string, ReportRun[]]>([
  ['one seed', [reportRun()]],
  ['three seeds', [reportRun(flowersSummary(3))]],
  ['training compute', [reportRun(countedSummary())]],
  ['corrupted images', [reportRun(withCorruptions())]],
  ['one arm', [reportRun(oneArm(26))]],
  ['one epoch', [reportRun(oneArm(1))]],
  ['an arm whose curve is empty', [reportRun(oneArm(0))]],
  ['many arms', [reportRun(manyArms(17))]],
  ['rectangles', [reportRun(rectangular())]],
  ['many classes', [ofManyClasses()]],
  ['no curves', [reportRun(withoutCurves())]],
  ['a loss that is not a number', [reportRun(withBrokenLoss())]],
  ['a failed arm', [failedRun()]],
  ['only a configuration', [emptyRun()]],
  ['several runs', [reportRun(), failedRun(), emptyRun()]],
])('the report is complete with %s', (_, runs) => {
  const report = renderReport({ runs });
  expect(report).toMatch(/^<!doctype html>\n<html lang="en">/);
  // The message of a failed run may contain NaN, and a configuration may contain null.
  expect(report.replaceAll('The loss is NaN', '').replace(/<pre.*?<\/pre>/gs, '')).not.toMatch(
    /NaN|undefined|Infinity|\[object|null/,
  );
  const ids = [...report.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, references] of report.matchAll(/(?:aria-labelledby=|href=)"#?([^"]+)"/g)) {
    if (references!.startsWith('data:')) continue;
    for (const id of references!.split(' ')) expect(ids).toContain(id);
  }
  for (const { config } of runs)
    for (const { name } of config.experiment.arms) expect(report).toContain(name);
});

test('the report names rectangles by height x width', () => {
  const text = textOf(rectangular());
  expect(text).toContain('128x256');
  expect(text).toContain('resize@128x256');
});

test('the report makes no external requests', () => {
  const report = renderReport(reportInput());
  expect(report).toContain(
    'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;',
  );
  expect(report).not.toMatch(/<script|<iframe|@import|url\(|https?:/);
});

test('the report escapes external names, texts and JSON', () => {
  const hostile = `</title></style><script>alert("1")</script><img src=x onerror='alert(2)'>`;
  const summary = flowersSummary();
  for (const arm of summary.arms) {
    arm.name += hostile;
    arm.description = hostile;
    arm.freeze = hostile;
    for (const evaluation of arm.evaluations) evaluation.policy += hostile;
  }
  for (const comparison of summary.comparisons) {
    comparison.a += hostile;
    comparison.b += hostile;
    if (comparison.policy !== 'own') comparison.policy += hostile;
  }
  summary.dataset.name = hostile;
  summary.dataset.classes = [hostile];
  summary.engine = {
    name: hostile,
    device: hostile,
    reason: hostile,
    versions: { [hostile]: hostile },
  };
  const run = reportRun(summary);
  const report = renderReport({
    runs: [
      {
        ...run,
        name: hostile,
        folder: hostile,
        state: 'failed',
        problem: hostile,
        batch: [hostile],
        standing: { arm: hostile, seed: 0, epoch: 0, epochs: 1 },
        samples: [
          { title: hostile, policy: hostile, pictures: [{ label: hostile, dataUri: PIXEL }] },
        ],
        mistakes: [
          {
            arm: summary.arms[0]!.name,
            seeds: 1,
            wrong: 1,
            mistakes: [
              { file: hostile, label: hostile, predicted: hostile, confidence: 1, dataUri: PIXEL },
            ],
          },
        ],
        costs: { missing: hostile },
        warnings: [hostile],
        config: { ...run.config, command: hostile },
        environment: hostile,
      },
    ],
  });
  expect(report).not.toMatch(/<script|<img src=x|onerror='/i);
  expect(report.match(/<\/title>/g)).toHaveLength(report.match(/<title>/g)!.length);
  expect(report.match(/<\/style>/g)).toHaveLength(1);
});

test.each([
  'https://example.org/a.png',
  'javascript:alert(1)',
  'data:text/html;base64,AAAA',
  `${PIXEL}" onload="x`,
])('the report refuses the picture %s', (dataUri) => {
  const samples = [{ title: 't', policy: 'p', pictures: [{ label: 'daisy', dataUri }] }];
  expect(() => renderReport({ runs: [{ ...reportRun(), samples }] })).toThrow(
    'samples: the picture "daisy" must be a base64 data URI of an image',
  );
  const mistakes = [
    {
      arm: 'small',
      seeds: 1,
      wrong: 1,
      mistakes: [{ file: 'a', label: 'b', predicted: 'c', confidence: 1, dataUri }],
    },
  ];
  expect(() => renderReport({ runs: [{ ...reportRun(), mistakes }] })).toThrow(
    'mistakes: the picture "a" must be a base64 data URI of an image',
  );
});

test('the report starts with the finding and its uncertainty', () => {
  const text = textOf(flowersSummary());
  expect(text).toContain(
    'fixres beats small by 7.4 points. 95 % interval +3.5 to +11.2; adjusted p = 0.001. 3 of 6 comparisons',
  );
  expect(text).toContain('3 of 6 comparisons are significant; 3 are not.');
  expect(text).toContain(
    'fixres beats small by 7.4 points (95 % interval +3.5 to +11.2; adjusted p = 0.001).',
  );
  expect(text).toContain(
    'fixres and vanilla are not distinguishable: they differ by 2.7 points, and the interval is −1.9 to +7.4',
  );
  expect(text).toContain(
    'a true difference under about 6.5 points would be missed more often than 1 time in 5',
  );
});

test('the report shows what each comparison within the noise could have found, if the run recorded it', () => {
  const summary = flowersSummary();
  expect(textOf(summary)).not.toMatch(/detectable|would be found/);
  summary.comparisons = summary.comparisons.map((comparison, i) => ({
    ...comparison,
    smallestDetectable: 0.05 + 0.004 * i,
  }));
  const text = textOf(summary);
  expect(text).toContain(
    '(adjusted p = 0.852). A true difference of 5.4 points would be found 4 times out of 5.',
  );
  expect(text).toContain('≈ not distinguishable detectable: 5.4 points');
  expect(text.match(/detectable:/g)).toHaveLength(3);
});

test('the report does not claim that the data fit 0 if only the interval excludes it, or that equal predictions leave anything open', () => {
  const summary = flowersSummary();
  const noise = summary.comparisons.find(({ verdict }) => verdict === 'not distinguishable')!;
  const corrected = {
    ...noise,
    difference: 0.011,
    ci95: [0.003, 0.022] as [number, number],
    pAdjusted: 0.125,
  };
  const equal = {
    ...noise,
    difference: 0,
    ci95: [0, 0] as [number, number],
    pAdjusted: 1,
    smallestDetectable: 1,
  };
  summary.comparisons = [corrected, equal];
  const text = textOf(summary);
  expect(text).toContain(
    'they differ by 1.1 points, with an interval of +0.3 to +2.2 points that excludes 0; the corrected test does not (adjusted p = 0.125).',
  );
  expect(text).toContain(
    'correct on the same images (adjusted p = 1.000). The images are too few to show any difference.',
  );
  expect(text).not.toContain('fits the data');
});

test('the report states that there are too few images', () => {
  const summary = flowersSummary();
  expect(textOf({ ...summary, smallestDetectable: 1 })).toContain(
    'With 367 held-out images, no difference could be shown.',
  );
});

test('the report names a worse arm second in its sentence, but not in the table', () => {
  const text = textOf(flowersSummary());
  expect(text).toContain(
    'control beats small (both evaluated under fixresTest@224 ) by 5.2 points (95 % interval +1.9 to +8.5;',
  );
  expect(text).toMatch(
    /small against control both under fixresTest@224 −5\.2 −8\.5 to −1\.9 ▼ worse/,
  );
});

test('the report states that all differences are within the noise', () => {
  const summary = flowersSummary();
  summary.comparisons = summary.comparisons.filter(
    ({ verdict }) => verdict === 'not distinguishable',
  );
  const text = textOf(summary);
  expect(text).toContain(
    'fixres and vanilla are not distinguishable. They differ by 2.7 points: 95 % interval −1.9 to +7.4; adjusted p = 0.852.',
  );
  expect(text).toContain('this run does not show that any arm is better than another');
  expect(text).not.toContain('beats');
  summary.comparisons = summary.comparisons.slice(0, 1);
  expect(textOf(summary)).toContain('fixres and vanilla are not distinguishable.');
});

test('the report does not replace the main comparison by another one that is significant', () => {
  const summary = flowersSummary();
  const [better, noise, , , , foreign] = summary.comparisons;
  summary.comparisons = [noise!, foreign!];
  const first =
    'fixres and vanilla are not distinguishable. They differ by 2.7 points: 95 % interval −1.9 to +7.4; adjusted p = 0.852.';
  expect(textOf(summary)).toContain(
    `${first} Another difference is significant: control beats small (both evaluated under fixresTest@224 ) by 5.2 points (95 % interval +1.9 to +8.5; adjusted p = 0.010).`,
  );
  // A comparison under the arms' own policies precedes the others; the headline is the same in any
  // order.
  summary.comparisons = [foreign!, noise!, better!];
  expect(textOf(summary)).toContain(
    `${first} Another difference is significant: fixres beats small by 7.4 points (`,
  );
  // Without such a comparison, the first of the others is reported.
  summary.comparisons = [foreign!];
  expect(textOf(summary)).toContain(
    'control beats small (both evaluated under fixresTest@224 ) by 5.2 points. 95 % interval +1.9 to +8.5; adjusted p = 0.010.',
  );
});

test('the report of one arm makes no claim', () => {
  const text = textOf(oneArm(26));
  expect(text).toContain(
    'small classifies 66.8 % of the held-out images correctly (95 % interval 61.9 to 71.6 %).',
  );
  expect(text).toContain('With one arm there is nothing to compare.');
  expect(text).not.toMatch(/beats|told apart|go unseen|McNemar|paired/);
});

test('the report shows accuracies, intervals, counts, costs and verdicts in its tables', () => {
  const text = textOf(flowersSummary());
  for (const part of [
    '74.1 % 69.6 to 78.6 % fixresTest@224 224 10 after small classifier+last-bn',
    'fixres 12 min 51 s 44 min 55 s in total 15.1 TMAC 20.0 TMAC in total 1.7 GB 70.2 MMAC fixresTest@224',
    'Training fixres (small included) took 0.33 times as long as training vanilla and 1.3 times as many multiply-adds.',
    '60.2 % 55.2 to 65.2 %',
    '221 of 367',
    '+5.4 +2.2 to +8.7 ▲ better',
    '0.852 uncorrected 0.284',
    '0.001 uncorrected < 0.001',
  ]) {
    expect(text).toContain(part);
  }
});

test('the report shows the recorded training compute even if the model cannot be opened, and whose cost an arm has', () => {
  const run = reportRun(countedSummary());
  for (const costs of [
    { missing: 'The model cannot be opened.' },
    { model: 'resnet14v2', parameters: 512_000, arms: [] },
  ]) {
    const text = textIn({ runs: [{ ...run, costs }] });
    expect(text).toContain(
      'fixres 12 min 51 s 44 min 55 s in total 1.02 TMAC 4.32 TMAC in total 1.7 GB',
    );
    expect(text).toContain('equal-cost 49 min 31 s 4.32 TMAC 3.7 GB');
    expect(text).toContain('12 1,213 steps same compute as fixres all');
    expect(text).toContain('Compute is counted in multiply-adds (MAC)');
  }
  // From a version that did not count it.
  const text = textIn({
    runs: [{ ...reportRun(), costs: { missing: 'The model cannot be opened.' } }],
  });
  expect(text).not.toContain('Compute is counted');
  expect(text).toContain('fixres 12 min 51 s 44 min 55 s in total 1.7 GB');
});

test('the report names the statistics of the run: one seed or several', () => {
  expect(textOf(flowersSummary(1))).toContain('McNemar’s exact test');
  const several = textOf(flowersSummary(3));
  expect(several).toContain('sign-flip permutation test');
  expect(several).toContain('Each arm was trained with 3 seeds');
  expect(several).toContain('Faint lines are single seeds, strong lines their mean.');
  expect(renderReport(reportInput(flowersSummary(3))).match(/<path class="faint"/g)).toHaveLength(
    4 * 2 * 3,
  );
});

test('the report draws an arm after the arm it is initialised from', () => {
  const report = renderReport(reportInput());
  const lines = [...report.matchAll(/<path class="line"[^>]* d="M([\d.]+),/g)].map(([, x]) =>
    Number(x),
  );
  // The axis has 0 to 40 epochs: first epochs at 1, 27, 27 and 1, in both charts.
  expect(lines).toEqual([2.5, 67.5, 67.5, 2.5, 2.5, 67.5, 67.5, 2.5]);
});

test('the report draws an arm after the actual epochs of its initial arm if that stopped early', () => {
  const summary = flowersSummary();
  summary.arms = summary.arms.map((arm) =>
    arm.name === 'small'
      ? {
          ...arm,
          curves: arm.curves.map((curve) => ({ ...curve, epochs: curve.epochs.slice(0, 12) })),
        }
      : arm,
  );
  const firsts = [
    ...renderReport(reportInput(summary)).matchAll(/<path class="line"[^>]* d="M([\d.]+),/g),
  ].map(([, x]) => Number(x));
  // First epochs at 1, 13, 13 and 1 on an axis to 30.
  expect(firsts.slice(0, 4).map((x) => Math.round((x / firsts[0]!) * 10) / 10)).toEqual([
    1, 13, 13, 1,
  ]);
});

test('the report counts images once per seed, and states this', () => {
  const once = textOf(flowersSummary(1));
  expect(once).not.toMatch(/× seeds|for each seed|means over the seeds/);
  const summary = flowersSummary(3);
  summary.arms = summary.arms.map((arm) => ({
    ...arm,
    evaluations: arm.evaluations.map((each) => ({
      ...each,
      overSeeds: { values: [0.7, 0.7, 0.7], mean: 0.7, sd: 0 },
    })),
  }));
  const run = reportRun(summary);
  const text = textIn({
    runs: [{ ...run, metrics: run.metrics.map((each) => ({ ...each, seeds: 3 })) }],
  });
  for (const part of [
    'Images × seeds of small by true class (rows)',
    'each image counted once per seed',
    'counted once per seed, with',
    'means over the seeds',
  ])
    expect(text).toContain(part);
});

test('the report names every arm whose training is included in a comparison of times', () => {
  const summary = flowersSummary();
  summary.comparisons = [{ ...summary.comparisons[0]!, a: 'fixres', b: 'control' }];
  expect(textOf(summary)).toMatch(
    /Training fixres \(small included\) took [\d.]+ times as long as training control \(small included\)/,
  );
});

test('the report omits sections without content', () => {
  const run = {
    ...reportRun({ ...withoutCurves(), comparisons: [] }),
    samples: [],
    leaks: null,
    metrics: [],
    mistakes: [],
    apparentSizes: [],
  };
  const report = renderReport({ runs: [run] });
  for (const id of [
    'curves',
    'comparisons',
    'samples',
    'classes',
    'calibration',
    'mistakes',
    'apparent-size',
  ])
    expect(report).not.toContain(`id="${id}"`);
});

test('the report includes configuration, environment and command', () => {
  const report = renderReport(reportInput());
  expect(report).toContain('&quot;trainPolicy&quot;: {');
  expect(report).toContain('&quot;node&quot;: &quot;20.20.2&quot;');
  expect(report).toContain('fixres reproduce tf_flowers --small 128 --large 224');
});

test('the report shows failed arms with their message, and the results of the others', () => {
  const text = textIn({ runs: [failedRun()] });
  expect(text).toContain('This run failed. The loss is NaN in epoch 3, step 17, of arm fixres.');
  expect(text).toContain(
    'It ended in arm fixres, seed 0, after 2 of 10 epochs. 1 of 4 arms has results; they are shown below.',
  );
  expect(text).toContain('Resume it: fixres resume runs/flowers');
  expect(text).toMatch(/fixres The small arm, fine-tuned[^.]*\. ✕ failed The loss is NaN/);
  expect(text).toMatch(/vanilla From scratch at the large size\. not begun/);
  expect(text).toContain('small classifies 66.8 % of the held-out images correctly');
});

test('the report names the arm of a later seed that failed', () => {
  const text = textIn({
    runs: [
      {
        ...reportRun(flowersSummary(2)),
        state: 'failed',
        problem: 'No space is left.',
        standing: { arm: 'control', seed: 2, epoch: 10, epochs: 10 },
      },
    ],
  });
  expect(text).toContain(
    'It ended in arm control, seed 2, during evaluation. All arms have results of at least one seed',
  );
  expect(text).toContain('✕ failed with seed 2');
});

test('the report explains why something is missing', () => {
  const text = textIn({ runs: [emptyRun()] });
  expect(text).toContain('This run crashed.');
  expect(text).toContain('No arm has a result yet.');
  expect(text).toContain(
    'Not shown: the images are not available. The data set "flowers" of the run is not on this machine.'.replaceAll(
      '"',
      '&quot;',
    ),
  );
});

test('the report lists mistakes whose pictures are not available', () => {
  const mistakes = [
    {
      arm: 'small',
      seeds: 2,
      wrong: 3,
      mistakes: [
        {
          file: 'daisy/9.jpg',
          label: 'daisy',
          predicted: 'roses',
          confidence: 0.931,
          dataUri: null,
        },
      ],
    },
  ];
  const text = textIn({ runs: [{ ...reportRun(), mistakes }] });
  expect(text).toContain('the data set cannot be opened where this report was written');
  expect(text).toContain('daisy/9.jpg daisy roses 93.1 %');
  expect(text).toContain('3 images wrong with at least one seed');
});

test('the report can contain several runs, with links to each', () => {
  const report = renderReport({ runs: [reportRun(), { ...failedRun(), name: 'second' }] });
  expect(report).toContain('<title>2 runs</title>');
  expect(report).toContain('<a href="#run-2">second</a>');
  expect(report.match(/<article /g)).toHaveLength(2);
  expect(report).toContain('id="run-1-accuracy"');
});

test('the report states that a training compute is unknown, also of arms that are initialised from such an arm', () => {
  const summary = countedSummary();
  const arms = summary.arms.map(({ trainMultiplyAdds, ...arm }) =>
    arm.name === 'small' ? arm : { ...arm, trainMultiplyAdds: trainMultiplyAdds! },
  );
  const text = textIn({
    runs: [{ ...reportRun({ ...summary, arms }), costs: { missing: 'No model.' } }],
  });
  for (const part of [
    'Training compute small small: unknown unknown fixres fixres: unknown unknown',
    'small 32 min 4 s unknown ',
    'fixres 12 min 51 s 44 min 55 s in total 1.02 TMAC unknown in total ',
    'vanilla 2 h 15 min 11.4 TMAC ',
  ])
    expect(text).toContain(part);
  expect(text).toMatch(/took 0\.33 times as long as training vanilla ?\./);
});

test('the report shows the numbers of every chart: confusions, calibration, apparent sizes, costs, test sizes', () => {
  const text = textOf(flowersSummary());
  for (const part of [
    'Images of small by true class (rows) and predicted class (columns) dandelion daisy tulips sunflowers roses dandelion 18 6 0 0 0',
    'Confidence and accuracy of small',
    'Apparent size at test time / in training',
    'small resize@128 small sampledBoundingBoxCrop@128 0.60 0.34 to 1.04',
    'Held-out accuracy by epoch',
    'Under fixresTest',
  ]) {
    expect(text).toContain(part);
  }
});

test('the report shows activations before pooling if they were measured', () => {
  expect(textOf(flowersSummary())).not.toContain('Activations before pooling');
  const summary = flowersSummary();
  const spread = {
    mean: 0.5,
    sd: 0.25,
    zeros: 0.6,
    quantiles: [0, 0.1, 0.15, 0.3, 0.5, 0.7, 0.8, 0.9, 1.2, 2],
  };
  summary.arms[1]!.activations = [
    {
      policy: 'resize',
      size: 128,
      state: 'trained',
      layer: 'post_relu',
      images: 256,
      shape: [4, 4, 64],
      map: spread,
      pooled: { ...spread, zeros: 0 },
    },
  ];
  const text = textOf(summary);
  expect(text).toContain('60.0 % zeros mean 0.50, sd 0.25');
  expect(text).toContain('90 %: 0.10 to 0.90');
});

test('the report lists confusions and shows top-5 accuracy for many classes', () => {
  const text = textIn({ runs: [ofManyClasses()] });
  expect(text).toContain('The most frequent confusions of small');
  expect(text).toContain('Top-5 accuracy');
  expect(text).toContain('Accuracy of all 40 classes');
});

test('explains where a gain comes from, as text, as a staircase and in numbers', () => {
  const text = textOf({ ...flowersSummary(), factorial: factorialRecord });
  for (const part of [
    'fixres over small : +14.0 points. 95 % interval +11.0 to +17.0, in the run flowers.',
    'Of the +14.0 points of fixres over small, +10.0 (+7.0 to +13.0) come from the test policy',
    'By part: test size +10.0 and classifier +5.0;',
    'Where the gain of fixres over small comes from',
    'normalisation statistics −1.0 −3.0 to +1.0',
    'test size × classifier +2.0 +1.0 to +3.0',
  ])
    expect(text.replaceAll('\u00a0', ' ')).toContain(part);
  // Each step begins where the one before it ends: 60, 70 and 75 % on an axis from 60 to 80 %.
  const steps = Array.from(
    renderReport(reportInput({ ...flowersSummary(), factorial: factorialRecord })).matchAll(
      /<rect class="step (\w+)" x="([\d.]+)%" width="([\d.]+)%"/g,
    ),
    ([, kind, x, width]) => [kind, Number(x), Number(x) + Number(width)],
  );
  expect(steps.map(([kind]) => kind)).toEqual(['whole', 'gain', 'gain', 'loss', 'whole']);
  expect(steps[1]![2]).toBeCloseTo(steps[2]![1] as number, 6);
  expect(steps[2]![2]).toBeCloseTo(steps[3]![2] as number, 6);
  expect(steps[4]![2]).toBeCloseTo(steps[3]![1] as number, 6);
});

test('shows how robust the arms are, and answers whether tuning costs robustness', () => {
  const text = textOf(withCorruptions());
  const answer =
    'The larger size with its tuning does not cost robustness, it adds some: on corrupted images, fixres − small is +5.0 points';
  // In the verdict and in its own section.
  expect(text.match(/does not cost robustness, it adds some/g)).toHaveLength(2);
  expect(text.replaceAll('\u00a0', ' ')).toContain(answer);
  expect(text).toMatch(/corruption lowers this difference by 2\.0\spoints/);
  expect(text).toMatch(/small 60\.0 % 30\.0 % ?25\.0 to 35\.0 % 100\.0 %/);
  expect(text).toMatch(/jpeg compression ?50 ?10/);
  expect(textOf(flowersSummary())).not.toContain('Corrupted images');
});
