import { useEngine } from '@fixres/engine';
import { openModel } from '@fixres/runner/node';
import { cannotWrite } from '../files/cannot-write.ts';
import { exportFormats } from '../export/export-formats.ts';
import { refuseExisting } from '../files/refuse-existing.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres export`, as the command line gives them. */
export interface ExportOptions extends EngineOptions {
  /** One of the names in {@link exportFormats}. */
  format: string;
  out: string;
  arm?: string;
  seed?: number;
  best?: boolean;
  json?: boolean;
}

/** Writes a trained model in another program's format. */
export async function exportModel(place: string, options: ExportOptions): Promise<void> {
  const { format, out } = options;
  await refuseExisting(out);
  await useEngine({ engine: options.engine, device: options.device });
  const opened = await openModel(place, options);
  try {
    const { write } = await exportFormats.get(format)!.load();
    await write(out, opened);
  } catch (error) {
    throw cannotWrite(out, error);
  } finally {
    opened.model.dispose();
  }
  new Terminal().result(options.json ? JSON.stringify({ format, out }) : out);
}
