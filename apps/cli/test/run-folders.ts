import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes files of a run folder: strings unchanged, lists as JSON lines, everything else as JSON.
 */
export async function writeRun(folder: string, files: Record<string, unknown>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    const text =
      typeof content === 'string'
        ? content
        : Array.isArray(content)
          ? content.map((line) => `${JSON.stringify(line)}\n`).join('')
          : JSON.stringify(content);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
}
