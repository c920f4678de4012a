import { imageSizeText } from '@fixres/data';
import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { makePlan } from '../plan/make-plan.ts';
import { measuredText } from '../plan/measured-text.ts';
import { planJson } from '../plan/plan-json.ts';
import type { PlanOptions } from '../plan/plan-options.ts';
import { planPicture } from '../plan/plan-picture.ts';
import { planText } from '../plan/plan-text.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres plan`, as the command line gives them. */
export interface PlanCommandOptions extends PlanOptions {
  out?: string;
  json?: boolean;
  quiet?: boolean;
}

/**
 * Recommends a test resolution for a data set, and prints the reasons.
 *
 * @param names the data set, or a model or run and the data set
 */
export async function plan(
  [first, second]: readonly [string, string?],
  options: PlanCommandOptions,
): Promise<void> {
  const { json = false, out, quiet = false } = options;
  const terminal = new Terminal({ quiet });
  if (out !== undefined) checkPictureFile(out);
  const [place, datasetName] = second === undefined ? [undefined, first] : [first, second];
  await interruptible(
    async (signal) => {
      const on = listenersOf(terminal);
      const made = await makePlan(place, datasetName, options, { on, signal });
      const { dataset, images, plan: result, measured } = made;
      if (out !== undefined) await writePicture(out, planPicture(dataset, images, result));
      const text = [
        `${dataset}: ${images} images, trained with ${result.trainPolicy.name} at ${imageSizeText(result.trainSize)}`,
        planText(result, measured !== null),
        ...(measured ? [measuredText(measured)] : []),
      ].join('\n\n');
      terminal.result(json ? JSON.stringify(planJson(made)) : text);
      if (out !== undefined) terminal.line(`\nPicture: ${out}`);
    },
    () => 'Interrupted.',
  );
}
