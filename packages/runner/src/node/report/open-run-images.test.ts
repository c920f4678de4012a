import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset, splitByHash } from '@fixres/data/node';
import type { RecordedRun } from '@fixres/runs';
import { writeKnownImages } from '@fixres/runs/node';
import { isMissing } from '@fixres/runs/report';
import { samplePhotos } from '@fixres/testing';
import { expect, it } from 'vitest';
import { openRunImages } from './open-run-images.ts';

it('opens the images that a run trained on, without those that it held back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-run-images-'));
  try {
    const dataset = await openDataset(samplePhotos, { cacheFolder: folder });
    const { train, heldOut } = splitByHash(dataset, { heldOut: 0.25 });
    const [heldBack, ...trained] = train;
    const run = {
      folder,
      config: { dataset: { source: samplePhotos, heldOut: 0.25, holdBack: 0.04 } },
    } as unknown as RecordedRun;
    const opened = async (): Promise<string[]> => {
      const images = await openRunImages(run);
      if (isMissing(images)) throw new Error(images.missing);
      await images.loader.close();
      expect(images.byId.has(heldBack!.id)).toBe(true);
      return images.train.map(({ id }) => id);
    };
    // A run of an earlier version does not record them.
    expect(await opened()).toEqual(train.map(({ id }) => id));
    await writeKnownImages(folder, { train: trained, heldOut, digestOf: new Map() }, undefined);
    expect(await opened()).toEqual(trained.map(({ id }) => id));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
