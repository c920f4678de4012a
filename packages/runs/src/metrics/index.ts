export { mostProbable } from './most-probable.ts';
export { type Predictions } from './predictions.ts';
export { isExactMatch } from './multi-label/thresholds.ts';
