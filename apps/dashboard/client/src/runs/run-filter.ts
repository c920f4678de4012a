import type { ConfigValue } from '@fixres/runs/events';
import type { RunRow } from '../../../shared/protocol.ts';

/** How to write the filter, in a sentence. */
export const filterHelp =
  'Words in a name, status or setting; key:value matches one setting: numbers exactly, ' +
  'text partly.';

/**
 * Whether a run matches the filter: every word is in its name, status or settings. `key:value` is
 * for the settings whose name ends with the key, so `rate:0.1` finds `small.schedule.rate`; numbers
 * match exactly (8 does not match 80), text partly.
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
