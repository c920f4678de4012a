import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** One file of an engine. */
export interface DownloadRecord {
  /** The requirement: for example `tensorflow-cpu==2.21.0` for pip, `progress@2.0.3` for npm. */
  readonly wanted: string;
  /** For example `linux-x64`; `any` for files that fit all platforms. */
  readonly platform: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Name prefix of download folders. */
const partialName = '.partial-';

/** The index of a download folder. */
const indexFile = 'fixres-engine.json';

/**
 * A folder of downloaded files with an index. Only complete files are listed, so a setup can resume
 * with the files of an interrupted one.
 */
export class Downloads {
  readonly folder: string;
  readonly #records: DownloadRecord[];

  private constructor(folder: string, records: DownloadRecord[]) {
    this.folder = folder;
    this.#records = records;
  }

  /** Opens a folder, which may not exist; without a readable index it counts as empty. */
  static async open(folder: string): Promise<Downloads> {
    return new Downloads(folder, await readIndex(folder));
  }

  /** The file for a requirement, or undefined if it is missing or incomplete. */
  find(wanted: string, platform: string): DownloadRecord | undefined {
    return this.#records.find(
      (record) =>
        record.wanted === wanted &&
        (record.platform === platform || record.platform === 'any') &&
        statSync(this.path(record), { throwIfNoEntry: false })?.size === record.bytes,
    );
  }

  /**
   * The path of a file. A name in an index from another machine cannot point outside the folder.
   */
  path({ file }: Pick<DownloadRecord, 'file'>): string {
    return join(this.folder, basename(file));
  }

  /** Creates an empty download folder; {@link removePartial} deletes it. */
  async makePartial(): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    // A process started by a killed setup may still write to its folder.
    await this.removePartial();
    return mkdtemp(join(this.folder, partialName));
  }

  /** Deletes partial downloads. */
  async removePartial(): Promise<void> {
    const names = await readdir(this.folder).catch((): string[] => []);
    for (const name of names)
      if (name.startsWith(partialName))
        await rm(join(this.folder, name), { recursive: true, force: true });
  }

  /** Adds a finished file and lists it in the index. */
  async add(
    path: string,
    { wanted, platform }: Pick<DownloadRecord, 'wanted' | 'platform'>,
    signal?: AbortSignal,
  ): Promise<DownloadRecord> {
    const sha256 = await fileSha256(path, signal);
    const record: DownloadRecord = {
      wanted,
      platform,
      file: basename(path),
      bytes: statSync(path).size,
      sha256,
    };
    await rename(path, this.path(record));
    await this.#keep([
      ...this.#records.filter((other) => other.wanted !== wanted || other.platform !== platform),
      record,
    ]);
    return record;
  }

  async #keep(records: readonly DownloadRecord[]): Promise<void> {
    this.#records.splice(0, Infinity, ...records);
    const index = join(this.folder, indexFile);
    await writeFile(`${index}.new`, `${JSON.stringify({ files: this.#records }, null, 2)}\n`);
    await rename(`${index}.new`, index);
  }

  /**
   * Removes damaged files from the index, for example after a power cut, so that they are
   * downloaded again.
   */
  async removeDamaged(signal?: AbortSignal): Promise<void> {
    const intact: DownloadRecord[] = [];
    for (const record of this.#records) {
      if (!this.find(record.wanted, record.platform)) continue;
      if (await this.isIntact(record, signal)) intact.push(record);
      else await rm(this.path(record), { force: true });
    }
    if (intact.length < this.#records.length) await this.#keep(intact);
  }

  /** Whether a file still matches its download. */
  async isIntact(record: DownloadRecord, signal?: AbortSignal): Promise<boolean> {
    return (await fileSha256(this.path(record), signal)) === record.sha256;
  }

  /** Total size of all files in the index, in bytes. */
  get bytes(): number {
    return this.#records.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/** Whether `folder` was filled as a download folder. */
export async function isDownloadFolder(folder: string): Promise<boolean> {
  return (await readdir(folder).catch((): string[] => [])).includes(indexFile);
}

async function readIndex(folder: string): Promise<DownloadRecord[]> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, indexFile), 'utf8')) as {
      files?: unknown;
    };
    return Array.isArray(files) ? files.filter(isRecord) : [];
  } catch {
    return [];
  }
}

/** The index may come from another machine, so its content is not trusted. */
function isRecord(value: unknown): value is DownloadRecord {
  const { wanted, platform, file, bytes, sha256 } = (value ?? {}) as Partial<
    Record<keyof DownloadRecord, unknown>
  >;
  return (
    [wanted, platform, file, sha256].every((each) => typeof each === 'string') &&
    typeof bytes === 'number'
  );
}

/** The SHA-256 of a file, in hexadecimal. */
async function fileSha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { ...(signal && { signal }) });
  return hash.digest('hex');
}
