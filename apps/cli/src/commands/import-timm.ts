import {
  imagenetMeanStd,
  type ImageSize,
  imageSizeText,
  type MultiLabelHead,
  preprocessingContract,
  type Rgb,
  timmEval,
} from '@fixres/data';
import { requireEngine, useEngine } from '@fixres/engine';
import { replaceClassifier } from '@fixres/finetune';
import { createTorchModel } from '@fixres/models';
import { readSafetensorsFile } from '@fixres/models/node';
import { multiLabelHead } from '@fixres/runs';
import { refuseExisting } from '../files/refuse-existing.ts';
import { askedClasses } from '../import-model/asked-classes.ts';
import { checkClasses } from '../import-model/check-classes.ts';
import { saveImported } from '../import-model/save-imported.ts';
import { ownProbabilities } from '../import-model/own-probabilities.ts';
import { findConfig } from '../import-timm/find-config.ts';
import type { ImportTimmOptions } from '../import-timm/import-timm-options.ts';
import { describeAtSize } from '../options/describe-at-size.ts';
import type { TimmConfig } from '../import-timm/timm-config.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** timm's size for most models, if no configuration, option or tensor states one. */
const DEFAULT_SIZE = 224;

/** Creates a model folder from weights of timm or torchvision in safetensors. */
export async function importTimm(file: string, options: ImportTimmOptions): Promise<void> {
  const { out, newClassifier = false, multiLabel = false } = options;
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  // Check all options before slow work.
  requireEngine(options);
  await refuseExisting(out);
  const { classNames, asked } = await askedClasses(options);

  const result = await interruptible(
    async (signal) => {
      const tensors = await readSafetensorsFile(file, { signal });
      const config = await findConfig(file, options.config);
      await useEngine({ engine: options.engine, device: options.device });
      const created = createTorchModel(tensors, {
        name: `"${file}"`,
        architecture: options.arch ?? config?.architecture,
        modified: options.arch === undefined && config?.modified === true,
        newClassifier,
        multiLabel,
        heads: config?.heads,
        pooling: config?.pooling,
      });
      let { model } = created;
      try {
        const classes = checkClasses(newClassifier ? undefined : created.classes, undefined, asked);
        if (newClassifier) {
          const activation = multiLabel ? 'sigmoid' : 'softmax';
          model = replaceClassifier(model, { classes, activation, append: true });
        }
        const size = options.imageSize ?? config?.size ?? created.size ?? DEFAULT_SIZE;
        // Refuses a size at which the maps become empty.
        describeAtSize(model, size);
        if (multiLabel) terminal.line(ownProbabilities);
        const contract = contractOf(config, size, multiLabel ? multiLabelHead(classes) : undefined);
        if (config === undefined)
          terminal.line(
            "There is no config.json of timm, so ImageNet's mean and standard deviation and a centre crop of 0.875 with bilinear resampling are taken. --config states others.",
          );
        const names = classNames ?? namesOf(config, newClassifier, classes);
        await saveImported(model, out, { classNames: names, contract });
        const { architecture: arch, arrays } = created;
        return { out, arch, classes, arrays, contract };
      } finally {
        model.dispose();
      }
    },
    () => 'Interrupted. Nothing was written.',
  );
  const { arch, classes, arrays, contract } = result;
  terminal.result(
    options.json
      ? JSON.stringify(result)
      : `${out}: ${arch} with ${classes} classes, ${arrays} tensors, used at ${imageSizeText(contract.input)} pixels`,
  );
}

/** timm's transform for evaluation. */
function contractOf(
  config: TimmConfig | undefined,
  size: ImageSize,
  head: MultiLabelHead | undefined,
): ReturnType<typeof preprocessingContract> {
  // timm takes bicubic if a configuration states none.
  const { mean, std, interpolation = config && 'bicubic', cropPct, cropMode } = config ?? {};
  const policy = timmEval({
    size,
    antialias: true,
    ...(interpolation && { interpolation }),
    ...(cropPct !== undefined && { cropPct }),
    ...(cropMode && { mode: cropMode }),
    // The borders have the mean of the configuration.
    ...(mean && { fill: mean.map((value) => Math.round(255 * value)) as Rgb }),
  });
  const normalisation = {
    ...imagenetMeanStd,
    ...(mean && { mean }),
    ...(std && { std }),
  } as typeof imagenetMeanStd;
  return preprocessingContract(policy, { normalisation, head });
}

/** The names in the configuration, if they are those of the classifier. */
function namesOf(
  config: TimmConfig | undefined,
  newClassifier: boolean,
  classes: number,
): readonly string[] | undefined {
  const names = config?.classNames;
  return newClassifier || names?.length !== classes ? undefined : names;
}
