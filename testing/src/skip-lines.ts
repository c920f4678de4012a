/** A file in vitest's JSON report. */
export interface TestFileResult {
  assertionResults: readonly {
    status: string;
    fullName: string;
    meta?: { needs?: string | undefined } | undefined;
  }[];
}

/**
 * Why tests were skipped, one line each: by what they need, or by name if they do not declare it,
 * such as those after a hook that failed.
 */
export function skipLines(files: readonly TestFileResult[]): string[] {
  const counts = new Map<string, number>();
  const others: string[] = [];
  for (const { status, meta, fullName } of files.flatMap(
    ({ assertionResults }) => assertionResults,
  )) {
    if (status === 'passed' || status === 'failed') continue;
    if (meta?.needs) counts.set(meta.needs, (counts.get(meta.needs) ?? 0) + 1);
    else others.push(`skipped: ${fullName}\n`);
  }
  return [
    ...others,
    ...Array.from(
      counts,
      ([needs, tests]) =>
        `skipped: ${tests} ${tests === 1 ? 'test needs' : 'tests need'} ${needs}\n`,
    ),
  ];
}
