/** Characters that no POSIX shell gives a meaning. A leading `~` has one, and so does `=` in the first word only, which is `fixres`. */
const PLAIN = /^[\w@%+=:,./-][\w@%+=:,./~-]*$/;

/** Characters that neither cmd nor PowerShell gives a meaning; in PowerShell a comma makes a list. */
const PLAIN_ON_WINDOWS = /^[\w+=:./\\-]+$/;

/** A word as it has to be typed in a POSIX shell to be taken as it is. */
function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A word as it has to be typed on Windows: a program takes its command line apart by itself there, and counts backslashes before a
 * quotation mark twice. What cmd and PowerShell put in the place of `%NAME%` and `$name` inside quotes has no spelling that suits both.
 */
function quotedOnWindows(word: string): string {
  if (PLAIN_ON_WINDOWS.test(word)) return word;
  return `"${word.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/\\+$/, '$&$&')}"`;
}

/** A command line that people can paste into their shell: a POSIX shell, or cmd or PowerShell on Windows. */
export function shellCommand(
  words: readonly string[],
  platform: NodeJS.Platform = process.platform,
): string {
  return words.map(platform === 'win32' ? quotedOnWindows : quoted).join(' ');
}
