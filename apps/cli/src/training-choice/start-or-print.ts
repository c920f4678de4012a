import type { ImageDataset } from '@fixres/data/node';
import { checkExperiment, completeExperiment, writtenExperiment } from '@fixres/runs';
import { experimentYaml } from '@fixres/runs/node';
import { interruptible } from '../commands/interruptible.ts';
import { optionWords } from '../dataset-words.ts';
import { imageSizes } from '../run/image-sizes.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { openChoice, startRun, type StartRunOptions } from '../run/start-run.ts';
import { splitFor } from '../split-for.ts';

/** Begins a run in a new folder; with `dryRun`, prints its complete experiment instead. */
export async function startOrPrint(
  plan: RunPlan,
  { dryRun = false, ...options }: StartRunOptions & { dryRun?: boolean | undefined },
): Promise<void> {
  if (dryRun) await printExperiment(plan, options);
  else await startRun(plan, options);
}

/** Prints an experiment with every default, as a file that `fixres run` takes. Images are read only if a size follows from theirs. */
async function printExperiment(
  plan: RunPlan,
  { form, words = optionWords, terminal }: StartRunOptions,
): Promise<void> {
  const experiment = await interruptible(
    async (signal) => {
      let opened: Promise<ImageDataset> | undefined;
      const open = (): Promise<ImageDataset> =>
        (opened ??= openChoice(plan.dataset, {
          classOrder: plan.start?.classNames,
          terminal,
          signal,
        }));
      return plan.experiment(
        async () =>
          imageSizes(splitFor(await open(), plan.dataset, words).train, { terminal, signal }),
        open,
      );
    },
    () => 'Interrupted.',
  );
  checkExperiment(experiment);
  const { dataset, engine, device, deterministic, logs } = plan;
  const complete = completeExperiment({
    ...writtenExperiment(experiment),
    dataset,
    engine,
    device,
    deterministic,
    logs,
  });
  terminal.result(
    form === 'text'
      ? experimentYaml(complete, `The experiment of: ${plan.command}`).trimEnd()
      : JSON.stringify(complete),
  );
}
