export { density } from './charts/density.ts';
export { linePath } from './charts/line-path.ts';
export { niceScale, type Scale, type ScaleOptions } from './charts/scale.ts';
export {
  clock,
  count,
  counted,
  duration,
  megabytes,
  percent,
  points,
  pValue,
  typographic,
  withPrefix,
} from './format.ts';
export { multiplyAddsText, threeFigures } from './multiply-adds.ts';
export { html, Html } from './page/html.ts';
export { renderReport } from './page/render-report.ts';
export { policyAt } from './page/run-facts.ts';
export {
  type ApparentSize,
  type ArmCost,
  type ArmMistakes,
  isMissing,
  type LeakPictures,
  type Missing,
  type Mistake,
  type PicturedPair,
  type ReportRun,
  type RunCosts,
  type SampleGrid,
  type SimilarPictures,
} from './page/report-input.ts';
export { comparisonText } from './text/comparison-text.ts';
export { likelyMissed } from './text/detectable-text.ts';
export { factorialSentences, factorialTerms } from './text/factorial-text.ts';
export { fittedLine } from './text/fitted-line.ts';
export { payoffText } from './text/payoff-text.ts';
export { runsTable } from './text/runs-table.ts';
export { seedStoppingText } from './text/seed-stopping-text.ts';
export { sparkline } from './text/sparkline.ts';
export { summaryText } from './text/summary-text.ts';
export { textTable } from './text/text-table.ts';
export { wrapped } from './text/wrapped.ts';
export { conditionsWords, corruptionTable, robustnessSentences } from './text/robustness-text.ts';
