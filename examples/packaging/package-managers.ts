/** How a package manager installs fixres and runs it. */
export interface PackageManager {
  /** Files of the new project in addition to package.json. */
  files: Readonly<Record<string, string>>;
  /** Arguments that install a tarball. */
  install: (tarball: string) => string[];
  /** Arguments that install the dependencies of package.json. */
  installAll: readonly string[];
  /** Arguments in front of a command of an installed package. */
  exec: readonly string[];
  /** Arguments in front of a JavaScript file, if Node alone does not find its packages. */
  runFile?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface Registries {
  /** The user's registry, for everything except the scope `@fixres`. */
  everything: string;
  fixres: string;
}

export const managerNames = ['npm', 'pnpm', 'yarn node-modules', 'yarn pnp'] as const;
export type ManagerName = (typeof managerNames)[number];

/**
 * The tested ways to install. npm and pnpm read the user's own settings; yarn has its own format,
 * so the registry is passed to it.
 */
export function packageManager(name: ManagerName, registries: Registries): PackageManager {
  const npmrc = `@fixres:registry=${registries.fixres}\n`;
  switch (name) {
    case 'npm':
      return {
        files: { '.npmrc': npmrc },
        install: (tarball) => ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball],
        installAll: ['install', '--no-audit', '--no-fund', '--prefer-offline'],
        exec: ['exec', '--offline', '--'],
      };
    case 'pnpm':
      return {
        files: { '.npmrc': npmrc },
        install: (tarball) => ['add', '--prefer-offline', tarball],
        // In CI, pnpm would refuse to write the lock file.
        installAll: ['install', '--prefer-offline', '--no-frozen-lockfile'],
        exec: ['exec'],
      };
    default:
      return {
        // An empty lock file makes the folder a separate project.
        files: {
          '.yarnrc.yml': yarnrc(name === 'yarn pnp' ? 'pnp' : 'node-modules', registries),
          'yarn.lock': '',
        },
        install: (tarball) => ['add', `fixres@file:${tarball}`],
        installAll: ['install'],
        exec: ['run'],
        ...(name === 'yarn pnp' && { runFile: ['node'] }),
        // In CI, yarn would refuse to write the lock file.
        env: { YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' },
      };
  }
}

function yarnrc(linker: 'pnp' | 'node-modules', { everything, fixres }: Registries): string {
  const plain = [everything, fixres]
    .map((url) => new URL(url))
    .filter(({ protocol }) => protocol === 'http:');
  // JSON is valid YAML.
  return JSON.stringify({
    nodeLinker: linker,
    npmRegistryServer: everything,
    npmScopes: { fixres: { npmRegistryServer: fixres } },
    unsafeHttpWhitelist: plain.map(({ hostname }) => hostname),
    // Separate from the user's cache, because the packages change while their versions stay the
    // same.
    globalFolder: './.yarn-global',
    enableTelemetry: false,
  });
}
