/**
 * The page of all error codes.
 *
 * @param packages name of each package, and the section about errors in its README
 */
export function errorCodesPage(packages: readonly { name: string; errors: string }[]): string {
  return [
    '# Error codes',
    'Every expected failure is an instance of the error class of a package, with a `code` and a message of one line: the option or file, what was received, what is allowed. Programs compare `code`; messages can change. The command line prints the message and ends with an [exit code](/reference/command-line/index.md#exit-codes).',
    ...packages.map(({ name, errors }) => `## ${name}\n\n${errors}`),
    '',
  ].join('\n\n');
}
