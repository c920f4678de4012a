const [QUOTE, BACKSLASH, COLON, COMMA, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] =
  Array.from('"\\:,{}[]', (letter) => letter.charCodeAt(0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
const SPACE = 32;
/** Maximum length of a name to prune; a longer name is never pruned. */
const MAX_NAME = 64;
const NULL = Buffer.from('null');
/**
 * By byte, whether it opens or closes something. Inside a skipped value, all other bytes are
 * ignored.
 */
const IS_EDGE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number([QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET].includes(byte)),
);

/**
 * Copies JSON text piece by piece and writes `null` in place of the values of some keys, at any
 * depth. These values are skipped without being stored or parsed, so extracting a few numbers from
 * a file of many MB costs little more than reading it. The text can be split into pieces anywhere;
 * invalid JSON results in invalid JSON.
 */
export class JsonPruner {
  readonly #keys: ReadonlySet<string>;
  readonly #kept: Buffer[] = [];
  #length = 0;
  /** Bytes of the current or last string; undefined after anything else. */
  #name: number[] | undefined;
  #isInString = false;
  #isEscaped = false;
  /** Whether a value is being skipped; then its depth, and whether it has started. */
  #isLeftOut = false;
  #depth = 0;
  #hasBegun = false;

  constructor(keys: readonly string[]) {
    this.#keys = new Set(keys);
  }

  /** Bytes kept so far. */
  get length(): number {
    return this.#length;
  }

  push(piece: Buffer): void {
    for (let i = 0; i < piece.length;) {
      const from = this.#isLeftOut ? this.#passOver(piece, i) : i;
      if (from === piece.length) return;
      i = this.#copy(piece, from);
    }
  }

  text(): string {
    return Buffer.concat(this.#kept).toString('utf8');
  }

  #keep(bytes: Buffer): void {
    this.#kept.push(bytes);
    this.#length += bytes.length;
  }

  /** @returns position after the colon of a pruned key, or the end */
  #copy(piece: Buffer, from: number): number {
    for (let i = from; i < piece.length; i++) {
      const byte = piece[i]!;
      if (this.#isInString) {
        const isText = this.#staysInString(byte);
        if (isText && this.#name && this.#name.length <= MAX_NAME) this.#name.push(byte);
      } else if (byte === QUOTE) {
        this.#isInString = true;
        this.#name = [];
      } else if (
        byte === COLON &&
        this.#name &&
        this.#keys.has(String.fromCharCode(...this.#name))
      ) {
        this.#name = undefined;
        this.#isLeftOut = true;
        this.#hasBegun = false;
        this.#depth = 0;
        this.#keep(piece.subarray(from, i + 1));
        this.#keep(NULL);
        return i + 1;
      } else if (byte > SPACE) {
        this.#name = undefined;
      }
    }
    this.#keep(piece.subarray(from));
    return piece.length;
  }

  /** @returns position after the pruned value, or the end */
  #passOver(piece: Buffer, from: number): number {
    for (let i = from; i < piece.length; i++) {
      if (this.#isInString) {
        while (i < piece.length && this.#staysInString(piece[i]!)) i++;
        continue;
      }
      if (this.#depth > 0) while (i < piece.length && IS_EDGE[piece[i]!] === 0) i++;
      const byte = piece[i];
      if (byte === undefined) break;
      const closes = byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
      if (this.#depth === 0 && this.#hasBegun && (closes || byte === COMMA || byte <= SPACE)) {
        this.#isLeftOut = false;
        return i;
      }
      if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
      else if (closes) this.#depth--;
      if (byte > SPACE) this.#hasBegun = true;
    }
    return piece.length;
  }

  #staysInString(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
    return this.#isInString;
  }
}
