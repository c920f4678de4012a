import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configProto, runOptions, serverDef } from './messages.ts';

/** From scripts/make-cluster-messages.py. */
const expected = JSON.parse(
  readFileSync(new URL('fixtures/messages.json', import.meta.url), 'utf8'),
) as {
  addresses: string[];
  rank: number;
  config: string;
  server: string;
  runOptions: { timeoutMs: number; bytes: string };
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe("messages are those of TensorFlow's own classes", () => {
  it('ConfigProto', () => {
    expect(hex(configProto(expected.rank, { nccl: true }))).toBe(expected.config);
  });

  it('ServerDef', () => {
    const { addresses, rank } = expected;
    const config = configProto(rank, { nccl: true });
    expect(hex(serverDef({ addresses, rank }, config))).toBe(expected.server);
  });

  it('RunOptions', () => {
    const { timeoutMs, bytes } = expected.runOptions;
    expect(hex(runOptions(timeoutMs))).toBe(bytes);
  });
});
