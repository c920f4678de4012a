// What classifies photos with a trained model; loads less than the other entries.
export { contractClassifier, type PixelContract } from '../evaluation/contract-classifier.ts';
export { type Classifier, evaluate, type EvaluateOptions } from '../evaluation/evaluate.ts';
export { type FoundModel, openModel, type OpenModelOptions } from './models/open-model.ts';
