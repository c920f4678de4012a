import { onTestFinished } from 'vitest';

/** A message of a stream of server-sent events. */
export interface StreamMessage {
  event: string;
  id: string;
  data: unknown;
}

/** Follows a stream like a browser, without reconnecting. */
export class StreamReader {
  readonly messages: StreamMessage[] = [];
  readonly #abort = new AbortController();
  #wake: () => void = () => undefined;

  static async open(url: string, headers: Record<string, string> = {}): Promise<StreamReader> {
    const reader = new StreamReader();
    const response = await fetch(url, { headers, signal: reader.#abort.signal });
    if (!response.ok || !response.body) throw new Error(`The stream answers ${response.status}.`);
    void reader.#read(response.body).catch(() => undefined);
    onTestFinished(() => reader.close());
    return reader;
  }

  /** Waits for a message; earlier messages count too. */
  async find(matches: (message: StreamMessage) => boolean): Promise<StreamMessage> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) this.#add(block);
      this.#wake();
    }
  }

  #add(block: string): void {
    const fields = new Map(
      block
        .split('\n')
        .map((line) => [
          line.slice(0, line.indexOf(':')),
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
    );
    const data = fields.get('data');
    if (data !== undefined)
      this.messages.push({
        event: fields.get('event') ?? 'message',
        id: fields.get('id') ?? '',
        data: JSON.parse(data),
      });
  }
}
