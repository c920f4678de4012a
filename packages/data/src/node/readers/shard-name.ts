/** A shard's name without its ending. */
export function withoutShardEnding(name: string): string {
  return name.replace(/\.(?:tgz|tar\.gz|tar|zip)$/i, '');
}

/**
 * The plain text at the start of a pattern, without the separator: `flowers` for `flowers-{000..127}.tar`. If
 * there is none, the folder's name.
 *
 * @param parts of a whole path or address
 */
export function patternName(parts: readonly string[]): string {
  const start = parts.findIndex((part) => /[*?{]/.test(part));
  const name = parts[start]!.replace(/[-_.]*[*?{].*$/, '');
  return name === '' ? parts[start - 1]! : name;
}
