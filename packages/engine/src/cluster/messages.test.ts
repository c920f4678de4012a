import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sessionConfig } from '../graph/session-config.ts';
import { configProto, runOptions, serverDef } from './messages.ts';

/** From scripts/make-cluster-messages.py. */
const expected = JSON.parse(
  readFileSync(new URL('fixtures/messages.json', import.meta.url), 'utf8'),
) as {
  addresses: string[];
  rank: number;
  session: string;
  config: string;
  cpuConfig: string;
  server: string;
  runOptions: { timeoutMs: number; bytes: string };
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe("messages are those of TensorFlow's own classes", () => {
  it('ConfigProto of a session in one process', () => {
    expect(hex(sessionConfig())).toBe(expected.session);
  });

  it('ConfigProto of a process of a cluster', () => {
    expect(hex(configProto(expected.rank, { gpu: true }))).toBe(expected.config);
    expect(hex(configProto(expected.rank, { gpu: false }))).toBe(expected.cpuConfig);
  });

  it('ServerDef', () => {
    const { addresses, rank } = expected;
    const config = configProto(rank, { gpu: true });
    expect(hex(serverDef({ addresses, rank }, config))).toBe(expected.server);
  });

  it('RunOptions', () => {
    const { timeoutMs, bytes } = expected.runOptions;
    expect(hex(runOptions(timeoutMs))).toBe(bytes);
  });
});
