import { readFile } from 'node:fs/promises';
import { FixresRunnerError } from '@fixres/runner';
import { experimentWords, lrSession, type SessionPlan } from '@fixres/runner/node';
import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { refuseModel } from '../files/refuse-model.ts';
import { lrPicture } from '../lr/lr-picture.ts';
import { lrText } from '../lr/lr-text.ts';
import { runPlan } from '../plans/run-plan.ts';
import { trainPlan, type TrainOptions } from '../plans/train-plan.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres lr`, as the command line gives them. */
export interface LrOptions extends Omit<TrainOptions, 'epochs' | 'out'> {
  from?: number;
  to?: number;
  updates?: number;
  /** Picture to write. */
  out?: string;
  json?: boolean;
  quiet?: boolean;
}

/**
 * Finds a learning rate, prints the suggestion, and draws the losses.
 *
 * @param given names of the options that are on the command line
 */
export async function lr(
  place: string,
  options: LrOptions,
  given: readonly string[],
): Promise<void> {
  const { out, ...train } = options;
  const { from, to, updates, json = false, quiet = false } = options;
  if (out !== undefined) checkPictureFile(out);
  const terminal = new Terminal({ quiet });
  refuseModel(place, 'give its data set, or an experiment file with --arm');
  const isFile = await isExperiment(place);
  const plan = isFile
    ? await planOfFile(place, train, { given, terminal })
    : (
        await trainPlan(place, { ...train, epochs: 1 }, (text) => {
          terminal.line(text);
        })
      ).plan;
  const found = await interruptible(
    (signal) =>
      lrSession(plan, {
        arm: isFile ? options.arm : undefined,
        from,
        to,
        updates,
        onUpdate: (done) => {
          terminal.progress(`Update ${done} of at most ${updates ?? 100}`);
        },
        ...(isFile && { words: experimentWords }),
        on: listenersOf(terminal),
        signal,
      }),
    () => 'Interrupted.',
  );
  if (out !== undefined) await writePicture(out, lrPicture(found));
  terminal.result(json ? JSON.stringify(found) : lrText(found, out));
}

/** Whether a place is an experiment file; data sets can be JSON files too. */
async function isExperiment(place: string): Promise<boolean> {
  if (!/\.json$/i.test(place)) return /\.ya?ml$/i.test(place);
  const text = await readFile(place, 'utf8').catch(() => '');
  return /^\s*\{/.test(text) && /"(?:arms|grid|preset)"\s*:/.test(text);
}

/** Options that an experiment file does not replace. */
const besideFile: ReadonlySet<string> = new Set([
  'from',
  'to',
  'updates',
  'out',
  'arm',
  'limit',
  'engine',
  'device',
  'decode',
  'archive',
  'labelKey',
  'classNames',
  'allowOutside',
  'maxMegapixels',
  'diskCache',
  'diskCacheSize',
  'json',
  'quiet',
]);

async function planOfFile(
  file: string,
  { engine, device, ...options }: Omit<LrOptions, 'out'>,
  { given, terminal }: { given: readonly string[]; terminal: Terminal },
): Promise<SessionPlan> {
  const other = given.find((name) => !besideFile.has(name));
  if (other !== undefined) {
    const flag = other.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const message = `Option --${flag} is given, but the arm is that of "${file}"; without a file, it is allowed.`;
    throw new FixresRunnerError('bad-option', message);
  }
  const chosen = {
    ...(given.includes('engine') && { engine }),
    ...(given.includes('device') && { device }),
  };
  return (await runPlan(file, { ...options, ...chosen }, terminal)).plan;
}
