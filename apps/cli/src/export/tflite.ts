import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresModelsError } from '@fixres/models';
import { openTflite, type TfliteSession } from '@fixres/models/node';
import { encodeTflite } from '@fixres/models/tflite';
import { exportTflite } from '@fixres/runner';
import type {
  ExportedInterface,
  ExportedModel,
  FormatChoices,
  OpenedExport,
} from './export-format.ts';
import { exportedOutput } from './exported-output.ts';
import { onnxCalibration } from './onnx-calibration.ts';
import { notInstalled, searchedPlaces } from './searched-places.ts';
import { writeWholeFolder } from './write-whole-folder.ts';

const FILE = 'model.tflite';

const LITERT = '@litertjs/core';

export async function write(
  folder: string,
  { model, card, contract, calibration }: ExportedModel,
  { precision = 'float32' }: FormatChoices,
): Promise<ExportedInterface> {
  const graph = await exportTflite(model, {
    contract,
    precision,
    calibrate: precision === 'int8' ? onnxCalibration(calibration, 'NHWC') : undefined,
  });
  const bytes = encodeTflite(graph);
  const output = exportedOutput(model, contract);
  await writeWholeFolder(folder, card, async (partial) => {
    await mkdir(partial);
    await writeFile(join(partial, FILE), bytes);
  });
  return { files: [FILE], input: 'prepared', layout: 'NHWC', precision, output };
}

export async function open(file: string): Promise<OpenedExport | string> {
  let session: TfliteSession | undefined;
  try {
    session = await openInstalled(await readFile(file));
  } catch (error) {
    if (!(error instanceof FixresModelsError)) throw error;
    return error.message.replace(/\.$/, '');
  }
  if (session === undefined) return notInstalled(LITERT);
  const { version } = session;
  return {
    runtime: { name: 'LiteRT', version },
    run: async ({ values, dims: [images] }) => {
      // The file has a batch of one image, and LiteRT in JavaScript does not resize inputs.
      const each = values.length / images!;
      const rows: Float32Array[] = [];
      for (let i = 0; i < images!; i++) {
        const image = Float32Array.from(values.subarray(i * each, (i + 1) * each));
        const [row] = await session.run([image]);
        rows.push(row!);
      }
      return Float32Array.from(rows.flatMap((row) => [...row]));
    },
    close: () => session.close(),
  };
}

/** A model in LiteRT; undefined if that is not installed. */
async function openInstalled(model: Uint8Array): Promise<TfliteSession | undefined> {
  for (const place of searchedPlaces()) {
    try {
      return await openTflite(model, place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}
