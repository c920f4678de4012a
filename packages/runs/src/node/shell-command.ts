/**
 * Characters without a meaning in POSIX shells. A leading `~` has a meaning, and so does `=`, but
 * only in the first word, which is `fixres`.
 */
const PLAIN = /^[\w@%+=:,./-][\w@%+=:,./~-]*$/;

/** Characters without a meaning in cmd and PowerShell; in PowerShell a comma makes a list. */
const PLAIN_ON_WINDOWS = /^[\w+=:./\\-]+$/;

/** A word quoted for a POSIX shell. */
function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A word quoted for Windows: programs parse their own command line there, and count backslashes
 * before a quotation mark twice. `%NAME%` of cmd and `$name` of PowerShell inside quotes cannot be
 * escaped in a way that works in both.
 */
function quotedOnWindows(word: string): string {
  if (PLAIN_ON_WINDOWS.test(word)) return word;
  return `"${word.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/\\+$/, '$&$&')}"`;
}

/** A command line to paste into a shell: a POSIX shell, or cmd or PowerShell on Windows. */
export function shellCommand(
  words: readonly string[],
  platform: NodeJS.Platform = process.platform,
): string {
  return words.map(platform === 'win32' ? quotedOnWindows : quoted).join(' ');
}
