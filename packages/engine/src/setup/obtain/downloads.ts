import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** One file of an engine. */
export interface DownloadRecord {
  /** What was asked for: `tensorflow-cpu==2.21.0` of pip, `progress@2.0.3` of npm. */
  readonly wanted: string;
  /** `linux-x64` for example; `any` for what is the same on all. */
  readonly platform: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Prefix of the names of download folders. */
const partialName = '.partial-';

/** The list of a download folder's files. */
const indexFile = 'fixres-engine.json';

/**
 * A folder of downloaded files and the list of them. A file is listed only when it is complete, so
 * a setup that was killed continues with the files it had.
 */
export class Downloads {
  readonly folder: string;
  readonly #records: DownloadRecord[];

  private constructor(folder: string, records: DownloadRecord[]) {
    this.folder = folder;
    this.#records = records;
  }

  /** Opens a folder, which need not exist; without a readable list it counts as empty. */
  static async open(folder: string): Promise<Downloads> {
    return new Downloads(folder, await readIndex(folder));
  }

  /** The file of what is wanted, or undefined when it is not there with all its bytes. */
  find(wanted: string, platform: string): DownloadRecord | undefined {
    return this.#records.find(
      (record) =>
        record.wanted === wanted &&
        (record.platform === platform || record.platform === 'any') &&
        statSync(this.path(record), { throwIfNoEntry: false })?.size === record.bytes,
    );
  }

  /** Where a file is; the name of one from another machine's list cannot lead out of the folder. */
  path({ file }: Pick<DownloadRecord, 'file'>): string {
    return join(this.folder, basename(file));
  }

  /** An empty folder to download to; goes away with {@link removePartial}. */
  async makePartial(): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    // A process started by a killed setup may still write to its own folder.
    await this.removePartial();
    return mkdtemp(join(this.folder, partialName));
  }

  /** Deletes what was downloaded in part. */
  async removePartial(): Promise<void> {
    const names = await readdir(this.folder).catch((): string[] => []);
    for (const name of names)
      if (name.startsWith(partialName))
        await rm(join(this.folder, name), { recursive: true, force: true });
  }

  /** Takes in a finished file and notes it in the list. */
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

  /** Takes out of the list what is not as it was downloaded, as after a power cut, so that it is downloaded again. */
  async removeDamaged(signal?: AbortSignal): Promise<void> {
    const intact: DownloadRecord[] = [];
    for (const record of this.#records) {
      if (!this.find(record.wanted, record.platform)) continue;
      if (await this.isIntact(record, signal)) intact.push(record);
      else await rm(this.path(record), { force: true });
    }
    if (intact.length < this.#records.length) await this.#keep(intact);
  }

  /** Whether a file still is what was downloaded. */
  async isIntact(record: DownloadRecord, signal?: AbortSignal): Promise<boolean> {
    return (await fileSha256(this.path(record), signal)) === record.sha256;
  }

  /** Bytes of all files in the list. */
  get bytes(): number {
    return this.#records.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

/** Whether `folder` is one that was filled as a download folder. */
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

/** The list may come from another machine, so it can contain anything. */
function isRecord(value: unknown): value is DownloadRecord {
  const { wanted, platform, file, bytes, sha256 } = (value ?? {}) as Partial<
    Record<keyof DownloadRecord, unknown>
  >;
  return (
    [wanted, platform, file, sha256].every((each) => typeof each === 'string') &&
    typeof bytes === 'number'
  );
}

/** The SHA-256 of a file, as hexadecimal digits. */
async function fileSha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { ...(signal && { signal }) });
  return hash.digest('hex');
}
