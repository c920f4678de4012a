export { mostProbable } from './most-probable.ts';
export { type Predictions } from './predictions.ts';
