import type { ConfigValue } from '@fixres/runs/events';
import type { RunRow } from '../../../shared/protocol.ts';

/** How the filter is to be written, in a sentence. */
export const filterHelp =
  'Words of a name, a status or a setting; key:value looks in one setting, where a number must be equal and a text may be a part.';

/**
 * Whether a run fits what was typed: every word in its name, status or settings. `key:value` is for the settings whose name ends with the
 * key, so that `rate:0.1` finds `small.schedule.rate`; a number there has to be equal (8 is not 80), a text may be a part.
 */
export function matches(row: RunRow, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => hasWord(row, word));
}

function hasWord({ id, status, config }: RunRow, word: string): boolean {
  if (id.toLowerCase().includes(word)) return true;
  const colon = word.indexOf(':');
  const settings = Object.entries<ConfigValue>({ ...config, status });
  if (colon <= 0)
    return (
      status.includes(word) ||
      settings.some(([key, value]) =>
        [key, String(value)].some((text) => text.toLowerCase().includes(word)),
      )
    );
  const [key, value] = [word.slice(0, colon), word.slice(colon + 1)];
  return settings.some(
    ([name, setting]) => isNamed(name.toLowerCase(), key) && fits(setting, value),
  );
}

function isNamed(name: string, key: string): boolean {
  return name === key || name.endsWith(`.${key}`);
}

function fits(setting: ConfigValue, value: string): boolean {
  if (value === '') return true;
  return typeof setting === 'number'
    ? setting === Number(value)
    : String(setting).toLowerCase().includes(value);
}
