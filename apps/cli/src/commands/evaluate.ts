import { contractPolicy, namedPolicy, type Policy, shortSideCrop, testTimeViews } from '@fixres/data';
import { type Example, type ImageDataset, ImageLoader } from '@fixres/data/node';
import { defaultCacheFolder, useEngine } from '@fixres/engine/node';
import { averagePredictions, chooseResolution, type Classifier, contractClassifier, describePredictions, evaluate, evaluationKey, type PixelContract, type ScoredPolicy } from '@fixres/runner';
import { loaderSource } from '@fixres/runner/node';
import { evaluationImages } from '../evaluate/evaluation-images.ts';
import type { EvaluationReport, SizeEvaluation } from '../evaluate/evaluation-record.ts';
import { evaluationText } from '../evaluate/evaluation-text.ts';
import { parseSizes } from '../evaluate/parse-sizes.ts';
import { policyAtSize } from '../evaluate/policy-at-size.ts';
import { Throughput } from '../evaluate/throughput.ts';
import { ExitError, exitCodes } from '../exit-error.ts';
import { counted } from '../format.ts';
import { modelFolderOf, type OpenedModel, openModel } from '../open-model.ts';
import { readableExamples } from '../readable-examples.ts';
import { resolveDataset } from '../resolve-dataset.ts';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** What a model takes that does not say: levels as they are. */
const levels: PixelContract = { normalisation: { kind: 'scale', scale: 1, offset: 0 }, layout: 'NHWC' };

/** Test-time augmentations by their names on the command line. */
export const augmentations = {
  'none': {},
  'flip': { flip: true },
  'five-crop': { crops: 'five' },
  'ten-crop': { crops: 'five', flip: true },
} as const;

/** Options of `fixres evaluate`, as the command line gives them. */
export interface EvaluateCommandOptions {
  sizes?: string;
  policy?: string;
  trainSize?: number;
  tta: keyof typeof augmentations;
  search?: boolean;
  split: string;
  limit?: number;
  heldOut?: number;
  arm?: string;
  seed?: number;
  batch: number;
  perClass?: boolean;
  engine: 'auto' | 'tensorflow' | 'wasm' | 'cpu';
  archive?: string;
  skipCorrupt?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Evaluates a model on a data set at one size or several. */
export async function evaluateCommand(place: string, datasetName: string, options: EvaluateCommandOptions): Promise<void> {
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  const sizes = options.sizes === undefined ? undefined : parseSizes(options.sizes);
  if (options.search && (sizes?.length ?? 0) < 2) {
    throw new ExitError(exitCodes.usage, 'error: Option --search needs at least two sizes to choose from; name them with --sizes.');
  }
  // Found before anything slow starts.
  const folder = await modelFolderOf(place, options);

  const report = await interruptible(
    async (signal): Promise<EvaluationReport> => {
      const dataset = await resolveDataset(datasetName, { cacheFolder: defaultCacheFolder(), archive: options.archive, terminal, signal });
      const engine = await useEngine({ engine: options.engine });
      terminal.line(`Engine: ${engine.reason}`);
      const { model, card, contract, run } = await openModel(folder);
      const loader = new ImageLoader();
      try {
        const classes = model.outputs[0]?.shape.at(-1) ?? 0;
        checkClasses(dataset, classes, run?.dataset.classes ?? card.classNames);
        const chosen = evaluationImages(dataset, { part: options.split, run, limit: options.limit, heldOut: options.heldOut });
        const examples = options.skipCorrupt
          ? (await readableExamples(chosen.examples, { loader, skipCorrupt: true, terminal, signal })).examples
          : chosen.examples;
        if (examples.length === 0) throw new ExitError(exitCodes.usage, `error: Part "${options.split}" of "${dataset.name}" holds no image.`);
        terminal.line(`Images: ${counted(examples.length, 'image')} of ${dataset.name}, ${options.split} (${chosen.origin})`);
        warnOfTraining(chosen.trainedOn, examples.length, terminal);

        const policies = testPolicies(sizes, { run, contract, side: inputSide(model.inputs[0]?.shape), options });
        const classifier = contractClassifier(model, contract ?? levels);
        const evaluations: SizeEvaluation[] = [];
        const scored: ScoredPolicy[] = [];
        for (const policy of policies) {
          const { predictions, ...rest } = await evaluateUnder({ classifier, policy, examples, loader, options, terminal, signal });
          scored.push({ policy, predictions });
          evaluations.push({ policy: policy.name, size: policy.output.width, ...rest, ...describePredictions(predictions) });
        }
        const own = run && evaluationKey(run.arm.testPolicy);
        const baseline = scored.map(({ policy }) => evaluationKey(policy)).find((key) => key === own);
        const ids = examples.map(({ id }) => id);
        return {
          format: 1,
          model: { path: folder, arm: run?.arm.name ?? null, seed: run?.seed ?? null },
          engine,
          dataset: { name: dataset.name, classes: dataset.classNames },
          images: { split: options.split, count: examples.length, trainedOn: chosen.trainedOn },
          tta: options.tta,
          evaluations,
          search: options.search ? chooseResolution(scored, { ids, ...(baseline === undefined ? {} : { baseline }) }) : null,
        };
      } finally {
        model.dispose();
        await loader.close();
      }
    },
    () => 'Interrupted.',
  );
  terminal.line();
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${evaluationText(report, { perClass: options.perClass ?? false })}\n`);
}

interface EvaluationTask {
  classifier: Classifier;
  policy: Policy;
  examples: readonly Example[];
  loader: ImageLoader;
  options: EvaluateCommandOptions;
  terminal: Terminal;
  signal: AbortSignal;
}

type Evaluated = Pick<ScoredPolicy, 'predictions'> & Pick<SizeEvaluation, 'views' | 'imagesPerSecond'>;

/** Probabilities under a policy, averaged over the views of test-time augmentation. */
async function evaluateUnder({ classifier, policy, examples, loader, options, terminal, signal }: EvaluationTask): Promise<Evaluated> {
  const views = testTimeViews(policy, augmentations[options.tta]);
  const source = loaderSource(loader, examples);
  const clock = new Throughput();
  const predictions = [];
  for (const view of views) {
    clock.start();
    const onBatch = (images: number): void => {
      clock.done(images);
      terminal.progress(`Evaluating ${view.name} at ${policy.output.width}: ${images} of ${examples.length}`);
    };
    predictions.push(await evaluate(classifier, source, { policy: view, batchSize: options.batch, signal, onBatch }));
  }
  return { predictions: averagePredictions(predictions), views: views.length, imagesPerSecond: clock.imagesPerSecond() / views.length };
}

interface PolicyContext extends Pick<OpenedModel, 'run' | 'contract'> {
  /** Side of the model's input, if it takes one size only. */
  side: number | undefined;
  options: EvaluateCommandOptions;
}

/** The policy asked for, or else the model's own test policy, at each size. */
function testPolicies(sizes: readonly number[] | undefined, { run, contract, side, options }: PolicyContext): Policy[] {
  const own = run?.arm.testPolicy ?? (contract && contractPolicy(contract));
  const size = side ?? own?.output.width;
  const chosen = sizes ?? (size === undefined ? undefined : [size]);
  if (chosen === undefined) throw new ExitError(exitCodes.usage, 'error: The model does not say at which size it is used; name sizes with --sizes.');
  const other = side === undefined ? undefined : chosen.find((wanted) => wanted !== side);
  if (other !== undefined) {
    throw new ExitError(exitCodes.usage, `error: Option --sizes has ${other}, but the model takes images of ${side} pixels only.`);
  }
  const trainSize = options.trainSize ?? run?.trainSize;
  return chosen.map((wanted) => {
    if (options.policy !== undefined) return namedPolicy(options.policy, { size: wanted, trainSize });
    return own === undefined ? shortSideCrop(wanted) : policyAtSize(own, wanted);
  });
}

/** Side of the input of a model that takes squares of one size; undefined when it takes any. */
function inputSide(shape: readonly (number | null)[] | undefined): number | undefined {
  return shape?.[1] ?? undefined;
}

function checkClasses(dataset: ImageDataset, classes: number, known: readonly string[] | undefined): void {
  const { name, classNames } = dataset;
  if (classes !== classNames.length) {
    const message = `error: The model tells ${classes} classes apart, but "${name}" has ${classNames.length}: ${classNames.join(', ')}.`;
    throw new ExitError(exitCodes.usage, message);
  }
  if (known === undefined || known.every((className, i) => className === classNames[i])) return;
  const message = `error: The model knows the classes ${known.join(', ')}, but "${name}" has ${classNames.join(', ')}.`;
  throw new ExitError(exitCodes.usage, message);
}

function warnOfTraining(trainedOn: number | null, images: number, terminal: Terminal): void {
  if (trainedOn === null) terminal.line('Which images the model was trained on is not known; if these are among them, the accuracy says little about new ones.');
  if (trainedOn !== null && trainedOn > 0) {
    const remedy = 'The run held out others: --split held-out, without --limit and --held-out.';
    terminal.warn(`${trainedOn} of the ${counted(images, 'image')} ${trainedOn === 1 ? 'was' : 'were'} trained on; the accuracy says little about new ones. ${remedy}`);
  }
}
