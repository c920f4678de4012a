import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { skipWithout } from '@fixres/testing';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { auditProject } from './audit.ts';
import { type FirstStepsOptions, takeFirstSteps, takeNativeSteps } from './first-steps.ts';
import { type FixresProject, installFixres } from './fixres-project.ts';
import { type LoopbackRegistry, serveLoopbackRegistry } from './loopback-registry.ts';
import type { ManagerName } from './package-managers.ts';
import { openTarballs, type PackedPackage } from './pack-workspace.ts';
import { userRegistry } from './user-registry.ts';

// The most common one, and the one that differs most; packaging.test.ts installs with pnpm, and
// matrix.ts covers all package managers on all versions of Node.
const ways: readonly [ManagerName, FirstStepsOptions][] = [
  ['npm', {}],
  ['yarn pnp', { weights: true }],
];

let work: string;
let packages: PackedPackage[];
let registry: LoopbackRegistry;
const projects = new Map<ManagerName, FixresProject>();

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fixres-install-'));
  packages = await openTarballs(inject('packed'));
  registry = await serveLoopbackRegistry(packages);
});
afterAll(async () => {
  await registry.close();
  await rm(work, { recursive: true, force: true });
});

it.each(ways)(
  'fixres can be installed with %s, and trains',
  async (manager, steps) => {
    const project = await installFixres({
      folder: join(work, manager),
      manager,
      command: startOf(manager),
      registries: { everything: await userRegistry(work), fixres: registry.url },
      tarball: packages.find(({ name }) => name === 'fixres')!.tarball,
    });
    projects.set(manager, project);
    expect(await takeFirstSteps(project, steps)).toBe(process.versions.node);
    // Only a limit for hanging processes; a busy machine needs minutes.
  },
  1_800_000,
);

describe('the npm installation', () => {
  const folder = (): string => join(work, 'npm');

  it('sets up the native engine, and trains on it', { tags: 'native-engine' }, async () => {
    await takeNativeSteps(projects.get('npm')!);
  });

  it('has at most 90 packages and 200 MB, without the native engine and the dependencies of its install script', async () => {
    const { packages: installed } = JSON.parse(
      await readFile(join(folder(), 'package-lock.json'), 'utf8'),
    ) as { packages: Record<string, { optional?: boolean }> };
    const files = await readdir(join(folder(), 'node_modules'), { recursive: true });
    const sizes = await Promise.all(
      files.map(async (file) => (await stat(join(folder(), 'node_modules', file))).size),
    );
    const names = files
      .filter((file) => /(^|node_modules\/)(@[^/]+\/)?[^/@]+\/package\.json$/.test(file))
      .map((file) => dirname(file));
    expect(Object.keys(installed)).toEqual(
      expect.arrayContaining([
        'node_modules/fixres',
        'node_modules/@fixres/engine',
        'node_modules/sharp',
      ]),
    );
    for (const gone of ['@tensorflow/tfjs-node-gpu', '@mapbox/node-pre-gyp', 'adm-zip'])
      expect(installed).not.toHaveProperty(`node_modules/${gone}`);
    expect(names.length).toBeGreaterThan(20);
    expect(names.length).toBeLessThanOrEqual(90);
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1e6).toBeLessThan(200);
  });

  it('has no high or critical advisories', async (context) => {
    const audit = await auditProject(folder());
    // The registry that GitHub's machines use answers; another may not.
    if ('unavailable' in audit && process.env.GITHUB_ACTIONS === undefined)
      skipWithout(`a registry that answers npm audit (${audit.unavailable})`, context);
    expect(audit).toEqual({ severe: [] });
  });

  it('would report such advisories', async () => {
    const advisory = (severity: string): object[] => [
      {
        id: 1,
        url: 'https://example.org',
        title: 'made up',
        severity,
        vulnerable_versions: '<999',
        cwe: [],
        cvss: { score: 0, vectorString: null },
      },
    ];
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/-/npm/v1/security/advisories/bulk' ? 200 : 404;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          yauzl: advisory('high'),
          commander: advisory('moderate'),
          zod: advisory('critical'),
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { severe } = (await auditProject(
      folder(),
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    )) as { severe: string[] };
    expect(severe).toEqual(
      expect.arrayContaining(['yauzl (high)', 'zod (critical)', 'fixres (critical)']),
    );
    expect(severe.join()).not.toContain('commander');
  });
});

/** The command of the package manager; yarn may not be installed, and is run from this workspace. */
function startOf(manager: ManagerName): [string, ...string[]] {
  if (manager === 'npm') return ['npm'];
  const yarn = createRequire(import.meta.url).resolve('@yarnpkg/cli-dist/package.json');
  return [process.execPath, join(dirname(yarn), 'bin', 'yarn.js')];
}
