import { stat } from 'node:fs/promises';
import { list } from 'tar';
import { expect, inject, it } from 'vitest';
import { openTarballs } from './pack-workspace.ts';

/** The most kB of a package: of its tarball, and of its files. A fifth more than on 30 November 2026. */
const most: Readonly<Record<string, readonly [packed: number, unpacked: number]>> = {
  // Its command line is bundled with what it loads.
  fixres: [1920, 7200],
  '@fixres/dashboard': [1170, 3990],
  '@fixres/data': [780, 3080],
  '@fixres/engine': [320, 1240],
  '@fixres/finetune': [160, 660],
  '@fixres/models': [820, 2680],
  '@fixres/runner': [550, 2240],
  '@fixres/runs': [710, 2900],
};

const packages = await openTarballs(inject('packed'));

it('every published package has a limit', () => {
  expect(packages.map(({ name }) => name).toSorted()).toEqual(Object.keys(most).toSorted());
});

it.each(packages.map(({ name, tarball }) => [name, tarball]))(
  '%s is within its limit',
  async (name, tarball) => {
    let unpacked = 0;
    await list({ file: tarball, onReadEntry: ({ size }) => void (unpacked += size) });
    const sizes = [(await stat(tarball)).size, unpacked];
    for (const [i, limit] of most[name]!.entries()) {
      const kilobytes = sizes[i]! / 1000;
      expect(kilobytes).toBeLessThanOrEqual(limit);
      // A package that became much smaller gets a new limit.
      expect(kilobytes).toBeGreaterThan(limit / 2);
    }
  },
);
