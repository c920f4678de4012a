/** What a package manager needs to install fixres and to run it. */
export interface PackageManager {
  /** Files of the new project, beside package.json. */
  files: Readonly<Record<string, string>>;
  /** Arguments that install a tarball. */
  install: (tarball: string) => string[];
  /** Arguments before a command of an installed package. */
  exec: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface Registries {
  /** The user's, for all but the scope `@fixres`. */
  everything: string;
  fixres: string;
}

export const managerNames = ['npm', 'pnpm', 'yarn node-modules', 'yarn pnp'] as const;
export type ManagerName = (typeof managerNames)[number];

/** The ways to install that are tested. npm and pnpm read the user's own settings; yarn has a format of its own and is given the registry. */
export function packageManager(name: ManagerName, registries: Registries): PackageManager {
  const npmrc = `@fixres:registry=${registries.fixres}\n`;
  switch (name) {
    case 'npm':
      return {
        files: { '.npmrc': npmrc },
        install: (tarball) => ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball],
        exec: ['exec', '--offline', '--'],
      };
    case 'pnpm':
      return {
        files: { '.npmrc': npmrc },
        install: (tarball) => ['add', '--prefer-offline', tarball],
        exec: ['exec'],
      };
    default:
      return {
        // An empty lock makes the folder a project of its own.
        files: {
          '.yarnrc.yml': yarnrc(name === 'yarn pnp' ? 'pnp' : 'node-modules', registries),
          'yarn.lock': '',
        },
        install: (tarball) => ['add', `fixres@file:${tarball}`],
        exec: ['run'],
        // Under CI yarn would refuse to write the lock.
        env: { YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' },
      };
  }
}

function yarnrc(linker: 'pnp' | 'node-modules', { everything, fixres }: Registries): string {
  const plain = [everything, fixres]
    .map((url) => new URL(url))
    .filter(({ protocol }) => protocol === 'http:');
  // JSON is YAML.
  return JSON.stringify({
    nodeLinker: linker,
    npmRegistryServer: everything,
    npmScopes: { fixres: { npmRegistryServer: fixres } },
    unsafeHttpWhitelist: plain.map(({ hostname }) => hostname),
    // Not beside what the user has installed: versions here stay the same while the packages change.
    globalFolder: './.yarn-global',
    enableTelemetry: false,
  });
}
