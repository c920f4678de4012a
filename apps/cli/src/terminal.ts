import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/**
 * Everything that is not a result goes through here, to stderr: lines, and one progress line that is redrawn on a terminal. Where
 * stderr is no terminal, progress becomes a line now and then, so that a log reads well.
 */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #live: boolean;
  readonly #colour: boolean;
  #drawn = false;
  #lastProgress = 0;

  constructor({ stream = process.stderr, quiet = false }: { stream?: NodeJS.WriteStream; quiet?: boolean } = {}) {
    this.#stream = stream;
    this.#quiet = quiet;
    this.#live = stream.isTTY;
    this.#colour = useColour(stream);
  }

  /** Writes a line. */
  line(text = ''): void {
    if (this.#quiet) return;
    this.#clear();
    this.#stream.write(`${text}\n`);
  }

  /** Writes a warning, also when quiet. */
  warn(text: string): void {
    this.#clear();
    this.#stream.write(`${this.style('yellow', 'warning:')} ${text}\n`);
  }

  /** Shows how far something is. At most ten times a second on a terminal, every 20 seconds elsewhere. */
  progress(text: string): void {
    if (this.#quiet) return;
    const now = performance.now();
    if (now - this.#lastProgress < (this.#live ? 100 : 20_000)) return;
    this.#lastProgress = now;
    if (!this.#live) {
      this.#stream.write(`${text}\n`);
      return;
    }
    this.#stream.write(`\r\u001b[2K${text.slice(0, (this.#stream.columns || 80) - 1)}`);
    this.#drawn = true;
  }

  /** Colours text if the terminal shows colours and the user wants them. */
  style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }

  #clear(): void {
    if (this.#drawn) this.#stream.write('\r\u001b[2K');
    this.#drawn = false;
  }
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over what the stream is. */
function useColour(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false;
  const force = process.env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY;
}
