import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fieldsOf, type RungEntry, RungHalving } from '@fixres/runs';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { sweepFiles } from './sweep-folder.ts';
import type { EpochHalving } from './sweep-plan.ts';

/** Milliseconds before a file is looked for again that another machine has just created. */
const PAUSE = 50;

/**
 * What halving over epochs has decided and found, in the order in which it was recorded: `rungs/<number>.json` in
 * the folder of a sweep. All workers append to it; none of them leads. An entry appears completely or not at all,
 * by a hard link, so of two workers that decide at the same time, one decides again with the entry of the other.
 */
export class RungJournal {
  /** The state after the entries that were read. */
  readonly halving: RungHalving;
  readonly #folder: string;
  #entries = 0;

  private constructor(folder: string, halving: RungHalving) {
    this.#folder = folder;
    this.halving = halving;
  }

  /**
   * @param sweep its folder
   * @param trials names, in the order in which they start
   * @throws ExitError for a damaged record
   */
  static async open(
    sweep: string,
    trials: readonly string[],
    { reduction, survivors, promotion, rungs }: EpochHalving,
  ): Promise<RungJournal> {
    const halving = new RungHalving({
      ...{ trials, reduction, survivors, promotion },
      rungs: rungs.length,
    });
    const journal = new RungJournal(sweepFiles.rungs(sweep), halving);
    await journal.catchUp();
    return journal;
  }

  /** Reads the entries that others have appended. @throws ExitError for a damaged record */
  async catchUp(): Promise<void> {
    for (;;) {
      const file = this.#file;
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw damaged(file, (error as Error).message);
      }
      const entry = entryOf(text);
      if (entry === undefined) throw damaged(file, 'it is not an entry');
      try {
        this.halving.add(entry);
      } catch (error) {
        throw damaged(file, (error as Error).message);
      }
      this.#entries += 1;
    }
  }

  /**
   * Appends what a function decides.
   *
   * @param decide is called again if another worker has appended something meanwhile
   * @returns the entry; undefined if there was nothing to append
   */
  async append<Entry extends RungEntry>(
    decide: (halving: RungHalving) => Entry | undefined,
  ): Promise<Entry | undefined> {
    await mkdir(this.#folder, { recursive: true });
    for (;;) {
      await this.catchUp();
      const entry = decide(this.halving);
      if (entry === undefined) return undefined;
      const aside = join(this.#folder, `${randomUUID()}.partial`);
      try {
        const content = `${JSON.stringify({ ...entry, time: new Date().toISOString() })}\n`;
        await writeFile(aside, content, { flush: true });
        await link(aside, this.#file);
        await this.catchUp();
        return entry;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        await sleep(PAUSE);
      } finally {
        await rm(aside, { force: true });
      }
    }
  }

  get #file(): string {
    return join(this.#folder, `${String(this.#entries).padStart(6, '0')}.json`);
  }
}

function entryOf(text: string): RungEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { type, trial, rung, worker, value: score, problem } = fieldsOf(value);
  if (typeof trial !== 'string' || typeof worker !== 'string' || !Number.isSafeInteger(rung))
    return undefined;
  const job = { trial, rung: rung as number, worker };
  if (type === 'start') return { type, ...job };
  if (type === 'failed' && typeof problem === 'string') return { type, ...job, problem };
  if (type === 'end' && (score === null || typeof score === 'number'))
    return { type, ...job, value: score };
  return undefined;
}

function damaged(file: string, why: string): ExitError {
  return new ExitError(exitCodes.failed, `error: ${file} is damaged: ${why.replace(/\.$/, '')}.`);
}
