import { findLeaks, type LeaksOptions } from '../data-leaks/find-leaks.ts';
import { leaksPicture } from '../data-leaks/leaks-picture.ts';
import { leaksText } from '../data-leaks/leaks-text.ts';
import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres data leaks`, as the command line gives them. */
export interface DataLeaksOptions extends LeaksOptions {
  /** Picture of the pairs. */
  out?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Prints which images look the same across the split or in two classes. */
export async function dataLeaks(dataset: string, options: DataLeaksOptions): Promise<void> {
  const { json = false, quiet = false, out } = options;
  if (out !== undefined) checkPictureFile(out);
  const terminal = new Terminal({ quiet });
  const on = listenersOf(terminal);
  const { report, byId } = await interruptible(
    (signal) => findLeaks(dataset, options, { on, signal }),
    () => 'Interrupted.',
  );
  if (out !== undefined) await writePicture(out, await leaksPicture(report, byId));
  terminal.result(json ? JSON.stringify(report) : leaksText(report));
}
