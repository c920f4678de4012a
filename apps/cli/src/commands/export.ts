import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { useEngine } from '@fixres/engine/node';
import { type ModelCard, writeKerasWeights } from '@fixres/models';
import { saveModelFolder, writeAside } from '@fixres/models/node';
import { exportSavedModel } from '@fixres/runner/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { openModel } from '../open-model.ts';
import { refuseExisting } from '../refuse-existing.ts';

/** Options of `fixres export`, as the command line gives them. */
export interface ExportOptions {
  format: 'tfjs' | 'keras-weights' | 'savedmodel';
  out: string;
  arm?: string;
  seed?: number;
  engine: 'auto' | 'tensorflow' | 'wasm' | 'cpu';
  json?: boolean;
}

/** Writes a trained model in a format of other programs. */
export async function exportModel(place: string, options: ExportOptions): Promise<void> {
  const { format, out } = options;
  await refuseExisting(out);
  await useEngine({ engine: options.engine });
  const { model, card, contract } = await openModel(place, options);
  try {
    switch (format) {
      case 'tfjs':
        await saveModelFolder(model, out, card);
        break;
      case 'keras-weights':
        await saveKerasWeights(model, card, out);
        break;
      case 'savedmodel':
        await exportSavedModel(model, out, contract ? { size: contract.input.width } : {});
        await writeCard(card, out);
        break;
    }
  } finally {
    model.dispose();
  }
  process.stdout.write(options.json ? `${JSON.stringify({ format, out })}\n` : `${out}\n`);
}

/** `model.weights.h5` and the card, in a folder that appears whole or not at all. */
async function saveKerasWeights(model: LayersModel, card: ModelCard, out: string): Promise<void> {
  const partial = `${out}.${process.pid}.partial`;
  await mkdir(dirname(out), { recursive: true });
  await mkdir(partial);
  try {
    await writeFile(join(partial, 'model.weights.h5'), await writeKerasWeights(model));
    await writeCard(card, partial);
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** What the other formats have no place for: classes and how images are prepared. */
async function writeCard(card: ModelCard, folder: string): Promise<void> {
  await writeAside(join(folder, 'fixres.json'), `${JSON.stringify(card, null, 2)}\n`);
}
