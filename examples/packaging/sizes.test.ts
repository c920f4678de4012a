import { stat } from 'node:fs/promises';
import { list } from 'tar';
import { expect, inject, it } from 'vitest';
import { openTarballs } from './pack-workspace.ts';

/** The most kB of a package: of its tarball, and of its files. A tenth more than on 30 November 2026. */
const most: Readonly<Record<string, readonly [packed: number, unpacked: number]>> = {
  fixres: [540, 2050],
  '@fixres/dashboard': [1050, 3600],
  '@fixres/data': [550, 2150],
  '@fixres/engine': [290, 1110],
  '@fixres/finetune': [150, 600],
  '@fixres/models': [730, 2350],
  '@fixres/runner': [420, 1690],
  '@fixres/runs': [555, 2220],
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
