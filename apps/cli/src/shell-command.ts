/** Characters that no POSIX shell gives a meaning. A leading `~` has one, and so does `=` in the first word only, which is `fixres`. */
const PLAIN = /^[\w@%+=:,./-][\w@%+=:,./~-]*$/;

/** A word as it has to be typed in a POSIX shell to be taken as it is. */
function shellQuote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that people can paste into a POSIX shell. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
