import { namedPolicy, type Policy, shortSideCrop } from '@fixres/data';
import { FixresRunnerError } from '@fixres/runner';

/**
 * Reads a list of test policies such as `resize@160,fixresTest@224,192`. A size alone stands for `shortSideCrop` at that size.
 *
 * @throws FixresRunnerError for a list that cannot be read; FixresDataError `bad-option` for an unknown policy or size
 */
export function parseCandidates(text: string, trainSize: number): Policy[] {
  return text.split(',').map((item) => {
    const [, name, digits] = /^\s*(?:([A-Za-z][\w-]*)@)?(\d+)\s*$/.exec(item) ?? [];
    if (digits === undefined) {
      const message = `Option --candidates has "${item.trim()}"; allowed are sizes and <policy>@<size>, for example resize@160,fixresTest@224,192.`;
      throw new FixresRunnerError('bad-option', message);
    }
    const size = Number(digits);
    return name === undefined ? shortSideCrop(size) : namedPolicy(name, { size, trainSize });
  });
}
