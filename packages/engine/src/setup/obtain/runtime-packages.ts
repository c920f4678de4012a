import { nativePackageName, nativePackageVersion } from '../../native/native-package.ts';

/** An npm package of the engine, at a fixed version. */
export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /**
   * The tarball's integrity, as in registries and lock files; the file is the same in every
   * registry.
   */
  readonly integrity: string;
}

/**
 * The dependencies of tfjs-node-gpu that it needs at run time. `@tensorflow/tfjs` and
 * `@mapbox/node-pre-gyp` have stand-ins; `tar`, `adm-zip`, `https-proxy-agent` and `rimraf` are
 * used only by its install script, which is not run.
 */
export const runtimePackages: readonly RuntimePackage[] = [
  {
    name: nativePackageName,
    version: nativePackageVersion,
    integrity:
      'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
  },
  // Reads and writes SavedModel messages.
  {
    name: 'google-protobuf',
    version: '3.21.4',
    integrity:
      'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
  },
  // Draws the progress bar of `model.fit`.
  {
    name: 'progress',
    version: '2.0.3',
    integrity:
      'sha512-7PiHtLll5LdnKIMw100I+8xJXR5gW2QwWYkT6iJva0bXitZKa/XMrSbdmg3r2Xnaidz9Qumd0VPaMrZlF9V9sA==',
  },
];

/** The package as an npm specifier. */
export function specOf({ name, version }: RuntimePackage): string {
  return `${name}@${version}`;
}
