import { checkPackage, createPackageFromTarballData, type Package } from '@arethetypeswrong/core';
import { publint } from 'publint';

/** Resolutions in which a package of ES modules may fail: those that the profile `esm-only` of attw ignores. */
const ignored: readonly string[] = ['node10', 'node16-cjs'];

/**
 * What `publint --strict` and `attw --profile esm-only` fail for. Here they share a process, and with
 * it the compiler that attw loads.
 *
 * @param tarball the bytes of the packed package
 * @returns the problems that they report, none if the package passes
 */
export async function packageProblems(tarball: Uint8Array): Promise<object[]> {
  const { messages } = await publint({
    pack: { tarball: new Uint8Array(tarball).buffer },
    strict: true,
  });
  const checked = await checkPackage(withFolders(createPackageFromTarballData(tarball)));
  return [
    ...messages.filter(({ type }) => type === 'error'),
    ...(checked.types ? checked.problems : []).filter(
      (problem) => !('resolutionKind' in problem && ignored.includes(problem.resolutionKind)),
    ),
  ];
}

/**
 * Lets a package look up its folders. It goes through all its files instead, which takes 40 % of the
 * time of attw.
 */
function withFolders(packed: Package): Package {
  const folders = new Set(['/']);
  for (const file of packed.listFiles())
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1))
      folders.add(file.slice(0, end + 1));
  packed.directoryExists = (path) => folders.has(path.endsWith('/') ? path : `${path}/`);
  return packed;
}
