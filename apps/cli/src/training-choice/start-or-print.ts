import { plannedExperiment, type SessionPlan } from '@fixres/runner/node';
import { completeExperiment, writtenExperiment } from '@fixres/runs';
import { experimentYaml } from '@fixres/runs/node';
import { interruptible } from '../commands/interruptible.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { startRun, type StartRunOptions } from '../run/start-run.ts';

/** Begins a run in a new folder; with `dryRun`, prints its complete experiment instead. */
export async function startOrPrint(
  plan: SessionPlan,
  { dryRun = false, ...options }: StartRunOptions & { dryRun?: boolean | undefined },
): Promise<void> {
  if (dryRun) await printExperiment(plan, options);
  else await startRun(plan, options);
}

/** Prints an experiment with every default, as a file that `fixres run` takes. */
async function printExperiment(
  plan: SessionPlan,
  { form, words, terminal }: StartRunOptions,
): Promise<void> {
  const { planned } = await interruptible(
    (signal) => plannedExperiment(plan, { words, on: listenersOf(terminal), signal }),
    () => 'Interrupted.',
  );
  const { dataset, engine, device, deterministic, logs } = plan;
  const complete = completeExperiment({
    ...writtenExperiment(planned),
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
