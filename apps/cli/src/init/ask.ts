import { existsSync } from 'node:fs';
import type { PresetName } from '@fixres/runs/names';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/** The user's answers. */
export interface Answers {
  dataset: string;
  preset: PresetName;
  seedCount: number;
}

const OWN = 'own';

/**
 * Asks on the terminal, on stderr, for values that are not known yet.
 *
 * @throws ExitError if the user cancels
 */
export async function ask(known: {
  [K in keyof Answers]: Answers[K] | undefined;
}): Promise<Answers> {
  const { cancel, intro, outro, select, text } = await import('@clack/prompts');
  const io = { input: process.stdin, output: process.stderr };
  const answered = <T extends string>(answer: T | symbol): T => {
    if (typeof answer === 'string') return answer;
    cancel('Nothing was written.', io);
    throw new ExitError(exitCodes.interrupted, 'Interrupted.');
  };

  intro('An experiment file', io);
  let { dataset } = known;
  dataset ??= answered(
    await select({
      ...io,
      message: 'Which images?',
      options: [
        { value: 'synthetic', label: 'synthetic', hint: 'drawn flowers, built in' },
        { value: 'tf_flowers', label: 'tf_flowers', hint: '3,670 photos, downloaded once' },
        { value: OWN, label: 'my own', hint: 'a folder of class folders, or an archive of one' },
      ],
    }),
  );
  if (dataset === OWN) {
    const validate = (path: string | undefined): string | undefined =>
      path && existsSync(path) ? undefined : 'There is no such folder or file.';
    dataset = answered(
      await text({ ...io, message: 'Where are they?', placeholder: 'photos/', validate }),
    );
  }
  const preset =
    known.preset ??
    answered<PresetName>(
      await select<PresetName>({
        ...io,
        message: 'Which experiment?',
        options: [
          { value: 'quick', label: 'quick', hint: 'minutes on two cores' },
          { value: 'keras', label: 'keras', hint: 'the Keras example: ResNet50V2, 128 -> 224' },
          { value: 'paper', label: 'paper', hint: 'as its authors train: SGD, 120 epochs' },
          { value: 'matched', label: 'matched', hint: 'as keras, the large size from the planner' },
        ],
      }),
    );
  const seedCount =
    known.seedCount ??
    Number(
      answered(
        await text({
          ...io,
          message: 'Number of seeds? 3 or more separate an effect from chance.',
          initialValue: '1',
          validate: (value) =>
            /^\d+$/.test(value ?? '') && Number(value) >= 1 && Number(value) <= 100
              ? undefined
              : 'A whole number from 1 to 100.',
        }),
      ),
    );
  outro('Done.', io);
  return { dataset, preset, seedCount };
}
