/** Options of the libraries, and the command line options that set them. */
const options: Readonly<Record<string, string>> = {
  labelKey: '--label-key',
  classNames: '--class-names',
  classIds: '--class-names',
  nestedClasses: '--nested-classes',
  multiLabel: '--multi-label',
  labelSeparator: '--label-separator',
  tuneThresholds: '--tune-thresholds',
  allowOutside: '--allow-outside',
  out: '--out',
  pairs: '--pairs',
  reduction: '--reduction',
  minEpochs: '--min-epochs',
  survivors: '--survivors',
  splitByGroup: '--split-by-group',
  skipCorrupt: '--skip-corrupt',
  maxPixels: '--max-megapixels',
  maxBytes: '--max-megapixels',
};

/**
 * Replaces `(option "name")` in a library's message by the command line option; removes it if there
 * is none.
 */
export function inCommandLineWords(message: string): string {
  return message.replaceAll(/ \(option "([\w.]+)"\)/g, (_, name: string) =>
    options[name] === undefined ? '' : ` (option ${options[name]})`,
  );
}
