import { styleText } from 'node:util';
import type { RunEvent } from '@fixres/runs';

/** How much is said. */
export interface TerminalOptions {
  stream?: NodeJS.WriteStream;
  /** Say nothing but warnings. */
  quiet?: boolean | undefined;
  /** Say what is usually left out as well. */
  verbose?: boolean | undefined;
  /** Receives the events of a run, shown or not. */
  onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Seconds between two lines of progress in a log. */
const LOG_EVERY = 20;

type Style = Parameters<typeof styleText>[0];

/**
 * Everything that is printed goes through here: results to stdout, all else to stderr: lines, and one progress line that is redrawn on a
 * terminal. Where stderr is no terminal, progress becomes a line now and then, so that a log reads well.
 */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  /** Receives the events of a run, shown or not. */
  readonly onEvent: ((event: RunEvent) => void) | undefined;
  readonly #live: boolean;
  readonly #colour: boolean;
  #drawn = false;
  #lastProgress: number;

  constructor({
    stream = process.stderr,
    quiet = false,
    verbose = false,
    onEvent,
  }: TerminalOptions = {}) {
    this.#stream = stream;
    this.#quiet = quiet;
    this.#verbose = verbose;
    this.onEvent = onEvent;
    this.#live = stream.isTTY;
    this.#colour = useColour(stream);
    // In a log it counts from here on, however long the process has been there.
    this.#lastProgress = this.#live ? -Infinity : performance.now();
  }

  /** Prints a result on stdout, also when quiet. Where both streams are one terminal the line of progress makes room for it. */
  result(text: string): void {
    this.#clear();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Writes a line. */
  line(text = ''): void {
    if (this.#quiet) return;
    this.#clear();
    if (!this.#live) this.#lastProgress = performance.now();
    this.#stream.write(`${text}\n`);
  }

  /** Writes a line that only those see who want to know everything. */
  detail(text: string): void {
    if (this.#verbose) this.line(this.style('dim', text));
  }

  /** Characters that a line may have; Infinity in a log. */
  get width(): number {
    return this.#live ? (this.#stream.columns || 80) - 1 : Infinity;
  }

  /** Writes a warning, also when quiet. */
  warn(text: string): void {
    this.#clear();
    this.#stream.write(`${this.style('yellow', 'warning:')} ${text}\n`);
  }

  /**
   * Shows how far something is: at most ten times a second on a terminal; in a log when nothing was said for a while.
   *
   * @param logEvery seconds without a line in a log after which there is one
   */
  progress(text: string, { logEvery = LOG_EVERY }: { logEvery?: number } = {}): void {
    if (this.#quiet) return;
    const now = performance.now();
    if (now - this.#lastProgress < (this.#live ? 100 : logEvery * 1000)) return;
    this.#lastProgress = now;
    if (!this.#live) {
      this.#stream.write(`${text}\n`);
      return;
    }
    this.#stream.write(`\r\u001b[2K${text.slice(0, this.width)}`);
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
