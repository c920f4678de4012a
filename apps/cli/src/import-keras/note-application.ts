import type { ApplicationScaling } from '@fixres/models';
import type { Terminal } from '../terminal/terminal.ts';

/** States the scaling that is taken from the name of a model, since the file itself has none. */
export function noteApplication({ name, scaling }: ApplicationScaling, terminal: Terminal): void {
  terminal.line(
    `Images are scaled as preprocess_input of keras.applications does for ${name}: ${scaling}. ` +
      '--scaling changes this.',
  );
}
