import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { planDataset, type PlanOptions } from '../plan/plan-dataset.ts';
import { planJson } from '../plan/plan-json.ts';
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

/** Recommends a test resolution for a data set, and prints the reasons. */
export async function plan(datasetName: string, options: PlanCommandOptions): Promise<void> {
  const { json = false, out, quiet = false } = options;
  const terminal = new Terminal({ quiet });
  if (out !== undefined) checkPictureFile(out);
  await interruptible(
    async (signal) => {
      const on = listenersOf(terminal);
      const planned = await planDataset(datasetName, options, { on, signal });
      const { dataset, images, plan: result } = planned;
      if (out !== undefined) await writePicture(out, planPicture(dataset, images, result));
      const text = `${dataset}: ${images} images, trained with ${result.trainPolicy.name} at ${result.trainSize}\n\n${planText(result)}`;
      terminal.result(json ? JSON.stringify(planJson(dataset, result)) : text);
      if (out !== undefined) terminal.line(`\nPicture: ${out}`);
    },
    () => 'Interrupted.',
  );
}
