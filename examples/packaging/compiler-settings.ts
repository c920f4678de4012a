/** The ways in which TypeScript resolves packages: as Node does, and as bundlers do. */
export const resolutions = ['nodenext', 'bundler'] as const;
export type Resolution = (typeof resolutions)[number];

/**
 * The content of a `tsconfig.json` that compiles next to the sources with `nodenext`, and only checks
 * types with `bundler`.
 *
 * @param include patterns of the sources
 * @param typeRoots folders with `@types/node`
 */
export function compilerSettings(
  resolution: Resolution,
  include: readonly string[],
  typeRoots: readonly string[],
): string {
  const forResolution = {
    nodenext: { module: 'nodenext' },
    bundler: { module: 'esnext', moduleResolution: 'bundler', noEmit: true },
  };
  return JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      lib: ['ES2023', 'DOM'],
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots,
      ...forResolution[resolution],
    },
    include,
  });
}
