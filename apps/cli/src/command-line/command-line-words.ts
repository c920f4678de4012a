/** Options of the libraries, and those of the command line that set them. */
const options: Readonly<Record<string, string>> = {
  labelKey: '--label-key',
  classNames: '--class-names',
  allowOutside: '--allow-outside',
  maxPixels: '--max-megapixels',
  maxBytes: '--max-megapixels',
};

/** A message of a library, which hints at its options as `(option "name")`, with those of the command line; what that lacks is not named. */
export function inCommandLineWords(message: string): string {
  return message.replaceAll(/ \(option "([\w.]+)"\)/g, (_, name: string) =>
    options[name] === undefined ? '' : ` (option ${options[name]})`,
  );
}
