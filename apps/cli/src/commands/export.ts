import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { useEngine } from '@fixres/engine';
import { type ModelCard, writeKerasWeights } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import { exportSavedModel, openModel } from '@fixres/runner/node';
import { cannotWrite } from '../cannot-write.ts';
import { refuseExisting } from '../refuse-existing.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { Terminal } from '../terminal.ts';

/** Options of `fixres export`, as the command line gives them. */
export interface ExportOptions extends EngineOptions {
  format: 'tfjs' | 'keras-weights' | 'savedmodel';
  out: string;
  arm?: string;
  seed?: number;
  best?: boolean;
  json?: boolean;
}

/** Writes a trained model in a format of other programs. */
export async function exportModel(place: string, options: ExportOptions): Promise<void> {
  const { format, out } = options;
  await refuseExisting(out);
  await useEngine({ engine: options.engine, device: options.device });
  const { model, card, contract } = await openModel(place, options);
  try {
    switch (format) {
      case 'tfjs':
        await saveModelFolder(model, out, card);
        break;
      case 'keras-weights':
        await wholeFolder(out, card, async (folder) => {
          await mkdir(folder);
          await writeFile(join(folder, 'model.weights.h5'), await writeKerasWeights(model));
        });
        break;
      case 'savedmodel':
        await wholeFolder(out, card, (folder) =>
          exportSavedModel(model, folder, contract ? { size: contract.input.width } : {}),
        );
        break;
    }
  } catch (error) {
    throw cannotWrite(out, error);
  } finally {
    model.dispose();
  }
  new Terminal().result(options.json ? JSON.stringify({ format, out }) : out);
}

/**
 * Writes a folder that appears whole or not at all. Beside the model it has `fixres.json`, the card: what the other formats have no
 * place for, classes and how images are prepared.
 *
 * @param write makes the folder that it is given, and what is in it
 */
async function wholeFolder(
  out: string,
  card: ModelCard,
  write: (folder: string) => Promise<void>,
): Promise<void> {
  // What is appended to a path that ends with a slash would be a name in the folder.
  const target = resolve(out);
  const partial = `${target}.${process.pid}.partial`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await write(partial);
    await writeFile(join(partial, 'fixres.json'), `${JSON.stringify(card, null, 2)}\n`);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}
