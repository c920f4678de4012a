import { imageSizeOf } from '@fixres/data';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { useEngine } from '@fixres/engine';
import { sourceOf, storedTunedParts } from '@fixres/runner/node';
import {
  armFolderName,
  type ArmSpec,
  type Experiment,
  FixresRunsError,
  type SeedModel,
  type StoredModel,
} from '@fixres/runs';
import { loadRun, modelDigest } from '@fixres/runs/node';
import { counted, duration } from '@fixres/runs/report';
import { defaultRunFolder } from '../files/run-place.ts';
import { memoryBudget } from '../run/memory-budget.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { explainingExperiment } from './explaining-experiment.ts';
import type { PlannedRun } from './planned-run.ts';

/** Options of `explain`. */
export interface ExplainOptions {
  arm?: string;
  data?: string;
  /** Maximum memory of the process, such as `4GB`, or `none`. Default: that of the run. */
  memory?: string;
  out?: string;
}

/**
 * The plan of a run that splits the gain of an arm over the arm it is initialised from. It reads the
 * same images and uses the same engine as the run.
 *
 * @param place run folder
 * @param note receives notes for the user, one line each
 * @throws FixresRunsError `bad-run` for a folder without such an arm, or without its models
 */
export async function explainPlan(
  place: string,
  options: ExplainOptions,
  note: (text: string) => void,
): Promise<PlannedRun> {
  const { config, summary, seeds } = await loadRun(place);
  // Seeds that stopped by themselves left fewer models.
  const experiment = summary?.seedStopping
    ? { ...config.experiment, seeds: [...seeds] }
    : config.experiment;
  const { engine, device, deterministic, threads, dataset, diskCache, features, memory } = config;
  const { arm, from } = explainedArms(place, experiment, options.arm);
  const model = await trainedModels(place, { arm, from, seeds: experiment.seeds });
  const run = basename(resolve(place));
  return {
    folder: options.out ?? defaultRunFolder(run, `explain-${arm.name}`),
    plan: {
      dataset: {
        ...dataset,
        ...(options.data !== undefined && { source: sourceOf(options.data) }),
      },
      engine,
      device,
      deterministic,
      logs: [],
      diskCache,
      features,
      memoryMb: options.memory === undefined ? memory?.limitMb : memoryBudget(options.memory),
      command: repeatingCommand(['explain', place], options),
      experiment: async (_, openDataset) => {
        const { classNames, multiLabel } = await openDataset();
        const classes = classNames.length;
        // The session selects the same engine later; a model is opened before.
        await useEngine({ engine, device, ...(deterministic && { deterministic: { threads } }) });
        const seed = experiment.seeds[0]!;
        const tuned = await storedTunedParts(model, {
          classes,
          multiLabel,
          seed,
          freeze: arm.freeze,
        });
        const explaining = explainingExperiment(
          { ...experiment, model },
          { run, arm, from, tuned },
        );
        const seconds = summary?.arms.find(({ name }) => name === arm.name)?.trainSeconds;
        for (const line of announcement(explaining, { arm, from, seconds })) note(line);
        return explaining;
      },
    },
  };
}

interface ExplainedArms {
  arm: ArmSpec;
  from: ArmSpec;
}

/**
 * The arm with this name; by default `fixres`, or the only one that is fine-tuned: initialised from
 * another arm, or from the model of the run, which an arm without epochs stands for.
 */
function explainedArms(
  place: string,
  { arms, model }: Experiment,
  name: string | undefined,
): ExplainedArms {
  const given =
    model.folder === undefined
      ? undefined
      : arms.find(({ initFrom, epochs }) => initFrom === null && epochs === 0);
  const originOf = ({ initFrom }: ArmSpec): ArmSpec | undefined =>
    initFrom === null ? given : arms.find((each) => each.name === initFrom);
  const tuned = arms.filter((each) => each.epochs > 0 && originOf(each) !== undefined);
  const arm =
    name === undefined
      ? (tuned.find((each) => each.name === 'fixres') ??
        (tuned.length === 1 ? tuned[0] : undefined))
      : tuned.find((each) => each.name === name);
  const from = arm && originOf(arm);
  if (arm && from) return { arm, from };
  const allowed =
    tuned.length === 0
      ? 'It has no fine-tuned arm.'
      : `Its fine-tuned arms are ${tuned.map((each) => each.name).join(', ')}.`;
  const why =
    name === undefined
      ? 'has no arm to explain; choose one with --arm'
      : `cannot explain --arm ${name}, which must be an arm that trains and is initialised from another`;
  throw new FixresRunsError('bad-run', `Run "${place}" ${why}. ${allowed}`);
}

/** The weights of an arm, one model per seed. */
async function trainedModels(
  place: string,
  { arm, from, seeds }: ExplainedArms & { seeds: readonly number[] },
): Promise<StoredModel> {
  const bySeed: SeedModel[] = [];
  for (const seed of seeds) {
    const folder = resolve(place, 'models', armFolderName({ arm: from.name, seed }));
    if (!existsSync(join(folder, 'model.json'))) {
      const message = `Run "${place}" has no trained weights of ${from.name} with seed ${seed}. If it is not finished, finish it first: fixres resume ${place}.`;
      throw new FixresRunsError('bad-run', message);
    }
    bySeed.push({ seed, folder, digest: await modelDigest(folder) });
  }
  const { folder, digest } = bySeed[0]!;
  const imageSize = imageSizeOf(arm.testPolicy.output);
  return { folder, digest, imageSize, newClassifier: 'if-needed', bySeed };
}

/** What will run, and how long it takes at most. */
function announcement(
  { arms, seeds, factorial, evaluations }: Experiment,
  { arm, from, seconds }: ExplainedArms & { seconds: number | undefined },
): string[] {
  const trained = arms.filter(({ epochs }) => epochs > 0).length * seeds.length;
  const what = `Parts:  ${factorial!.stages.flatMap(({ factors }) => factors).join(', ')} (${arm.name} over ${from.name})`;
  const cells = `Cells:  ${counted(arms.length, 'arm')} x ${counted(evaluations.length, 'test policy', 'test policies')} x ${counted(seeds.length, 'seed')}`;
  if (seconds === undefined) return [what, cells];
  // Arms share the features of the frozen layers, which the first one computes.
  return [
    what,
    `${cells}; at most ${duration(trained * seconds)} of training, because ${arm.name} took ${duration(seconds)}`,
  ];
}
