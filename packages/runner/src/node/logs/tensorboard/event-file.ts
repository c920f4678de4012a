import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type EventContent, eventRecord, fileVersion, restart } from './event-record.ts';

/** A file of TensorBoard events. Written at once, so that a running TensorBoard shows it. */
export class EventFile {
  readonly #file: number;

  /**
   * @param folder one for each line in TensorBoard's charts; other files in it are continued
   * @param from number of the first step: what earlier files say of it and of later ones is dropped
   */
  constructor(folder: string, from: number) {
    mkdirSync(folder, { recursive: true });
    const seconds = Math.floor(Date.now() / 1000);
    this.#file = openSync(join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${from}`), 'a');
    this.write(0, fileVersion);
    this.write(from, restart);
  }

  write(step: number, content: EventContent): void {
    writeSync(this.#file, eventRecord(Date.now() / 1000, step, content));
  }

  close(): void {
    closeSync(this.#file);
  }
}
