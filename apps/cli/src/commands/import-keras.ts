import { imageSizeText, namedPolicy, preprocessingContract } from '@fixres/data';
import { defaultCacheFolder, requireEngine, useEngine } from '@fixres/engine';
import { describesComputation, isApplicationName, isModelName, stemWidths } from '@fixres/models';
import { fetchKerasWeights, readKerasWeightsFile } from '@fixres/models/node';
import { multiLabelHead } from '@fixres/runs';
import { megabytes } from '@fixres/runs/report';
import { refuseExisting } from '../files/refuse-existing.ts';
import { applicationModel } from '../import-keras/application-model.ts';
import { describedModel } from '../import-keras/described-model.ts';
import { DEFAULT_SIZE, type ImportKerasOptions } from '../import-keras/import-keras-options.ts';
import { modelOfWeights } from '../import-keras/named-model.ts';
import { askedClasses } from '../import-model/asked-classes.ts';
import { saveImported } from '../import-model/save-imported.ts';
import { usage } from '../import-model/usage.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Creates a model folder from a Keras weights file. */
export async function importKeras(file: string, options: ImportKerasOptions): Promise<void> {
  const { out, arch, width, alpha } = options;
  const isApplication = arch !== undefined && isApplicationName(arch);
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  // Check all options before slow work.
  if (options.weightsFile !== undefined && file !== 'imagenet')
    throw usage('Option --weights-file goes with imagenet only.');
  if (file === 'imagenet' && options.multiLabel === true && options.newClassifier !== true)
    throw usage(
      'Option --multi-label goes with imagenet only if --new-classifier is given; the published classifiers have one class per image.',
    );
  if (file === 'imagenet' && options.arch === undefined)
    throw usage('Option --arch is missing; imagenet has weights for several architectures.');
  if (width !== undefined && alpha !== undefined)
    throw usage('Options --width and --alpha say the same; give one of them.');
  if (isApplication) {
    const { rename } = options;
    for (const [name, value] of Object.entries({ width, alpha, rename }))
      if (value !== undefined) throw usage(`Option --${name} is not for --arch ${arch}.`);
  }
  requireEngine(options);
  await refuseExisting(out);
  const { classNames, asked } = await askedClasses(options);

  const result = await interruptible(
    async (signal) => {
      const place = file === 'imagenet' ? await published(options, terminal, signal) : file;
      const weights = await readKerasWeightsFile(place, { signal });
      const isDescribed = describesComputation(weights.config);
      if (isDescribed && options.rename !== undefined)
        throw usage(
          'Option --rename is for files with weights alone; this file describes its layers.',
        );
      if (!isDescribed && !isApplication && options.dropPath === false)
        throw usage(
          'Option --no-drop-path is for networks with stochastic depth; ResNetV2 and MobileNetV2 have none.',
        );
      if (isDescribed && isApplication)
        throw usage(
          `Option --arch is ${arch}, which is for files with weights alone; this file describes its layers, so leave the option out.`,
        );
      await useEngine({ engine: options.engine, device: options.device });
      const { model, architecture, size, scaling, isMultiLabel, facts } = isDescribed
        ? await describedModel(file, weights, options, asked, terminal)
        : isApplication
          ? await applicationModel(file, weights, options, asked, terminal)
          : modelOfWeights(file, weights, options, asked, terminal);
      try {
        const policy = namedPolicy(options.testPolicy, { size, trainSize: options.trainSize });
        const contract = preprocessingContract(policy, {
          ...scaling,
          decode: options.decode,
          head: isMultiLabel ? multiLabelHead(facts.classes) : undefined,
        });
        await saveImported(model, out, { architecture, classNames, contract });
        return { out, ...facts, contract };
      } finally {
        model.dispose();
      }
    },
    () => 'Interrupted. Nothing was written.',
  );
  const { arch: name, classes, contract } = result;
  const text = `${out}: ${name} with ${classes} classes, ${result.arrays} arrays matched by ${result.matchedBy}, used at ${imageSizeText(contract.input)} pixels under ${options.testPolicy}`;
  terminal.result(options.json ? JSON.stringify(result) : text);
}

async function published(
  options: ImportKerasOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const {
    arch = '',
    width,
    alpha,
    imageSize: size = DEFAULT_SIZE,
    newClassifier = false,
    weightsFile,
  } = options;
  const onProgress = (bytes: number): void =>
    terminal.progress(`Downloading weights: ${megabytes(bytes / 1e6)}`);
  const sizes =
    isModelName(arch) && arch === 'mobilenetv2'
      ? {
          alpha: alpha ?? (width ?? stemWidths[arch]) / stemWidths[arch],
          // As in Keras, other shapes take the weights of 224 pixels.
          size: typeof size === 'number' ? size : DEFAULT_SIZE,
        }
      : {};
  return fetchKerasWeights(arch, {
    cacheFolder: defaultCacheFolder(),
    includeTop: !newClassifier,
    weightsFile,
    onProgress,
    signal,
    ...sizes,
  });
}
