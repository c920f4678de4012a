import { inCommandLineWords } from '../command-line/command-line-words.ts';
import { styleText } from 'node:util';
import type { RunEvent } from '@fixres/runs';

/** How much is printed. */
export interface TerminalOptions {
  stream?: NodeJS.WriteStream;
  /** Print only warnings. */
  quiet?: boolean | undefined;
  /** Print additional details. */
  verbose?: boolean | undefined;
  /** Receives the events of a run, whether shown or not. */
  onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Seconds between two progress lines in a log. */
const LOG_EVERY = 20;

type Style = Parameters<typeof styleText>[0];

/**
 * All output goes through here: results to stdout, everything else to stderr, as lines and one
 * progress line that is redrawn on a terminal. If stderr is not a terminal, progress is printed as
 * a line at intervals, so that a log is readable.
 */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #verbose: boolean;
  /** Receives the events of a run, whether shown or not. */
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
    // In a log, the interval starts now, not at the start of the process.
    this.#lastProgress = this.#live ? -Infinity : performance.now();
  }

  /**
   * Prints a result on stdout, also when quiet. If both streams are the same terminal, clears the
   * progress line first.
   */
  result(text: string): void {
    this.#clear();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Prints a line. */
  line(text = ''): void {
    if (this.#quiet) return;
    this.#clear();
    if (!this.#live) this.#lastProgress = performance.now();
    this.#stream.write(`${text}\n`);
  }

  /** Prints a line only when verbose. */
  detail(text: string): void {
    if (this.#verbose) this.line(this.style('dim', text));
  }

  /** Maximum line length; Infinity in a log. */
  get width(): number {
    return this.#live ? (this.#stream.columns || 80) - 1 : Infinity;
  }

  /** Prints a warning, also when quiet; options of libraries are named as on the command line. */
  warn(text: string): void {
    this.#clear();
    this.#stream.write(`${this.style('yellow', 'warning:')} ${inCommandLineWords(text)}\n`);
  }

  /**
   * Shows progress: at most ten times a second on a terminal; in a log only if nothing was printed
   * for a while.
   *
   * @param logEvery in a log, seconds without a line before progress is printed
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

/** NO_COLOR (no-color.org) overrides FORCE_COLOR, which overrides the kind of stream. */
function useColour(stream: NodeJS.WriteStream): boolean {
  if (process.env.NO_COLOR) return false;
  const force = process.env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY;
}
