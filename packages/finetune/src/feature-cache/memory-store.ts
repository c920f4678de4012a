import { decodeRecord, encodeRecord, recordBytes, type RecordLayout } from './feature-record.ts';
import type { FeatureStore } from './feature-store.ts';

/**
 * Records are allocated in blocks of about this size, so that memory grows with use and no array is
 * too large to allocate.
 */
const BLOCK_BYTES = 64e6;

/** Stores features in memory. */
export function memoryStore(layout: RecordLayout): FeatureStore {
  const bytes = recordBytes(layout);
  const perBlock = Math.max(1, Math.floor(BLOCK_BYTES / bytes));
  const blocks = new Map<number, Uint8Array>();
  // In the order of writing, so that each block fills up before the next one starts.
  const slots = new Map<number, number>();

  const record = (slot: number): Uint8Array => {
    const number = Math.floor(slot / perBlock);
    let block = blocks.get(number);
    if (block === undefined) {
      block = new Uint8Array(perBlock * bytes);
      blocks.set(number, block);
    }
    const start = (slot % perBlock) * bytes;
    return block.subarray(start, start + bytes);
  };
  return {
    has: (view) => slots.has(view),
    read(view, into) {
      const slot = slots.get(view);
      if (slot !== undefined) decodeRecord(layout, record(slot), into);
      return Promise.resolve(slot !== undefined);
    },
    write(view, values) {
      const slot = slots.get(view) ?? slots.size;
      slots.set(view, slot);
      encodeRecord(layout, values, record(slot));
      return Promise.resolve();
    },
    dispose() {
      blocks.clear();
      slots.clear();
      return Promise.resolve();
    },
  };
}
