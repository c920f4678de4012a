import { beforeEach, describe, expect, it, vi } from 'vitest';
import type * as UrlState from './url-state.ts';

/** Changes of the address that the browser was asked for. */
let asked: string[];
let page: EventTarget;
let address: { search: string; hash: string };
let state: typeof UrlState;

beforeEach(async () => {
  asked = [];
  page = new EventTarget();
  address = { search: '?tab=size', hash: '' };
  vi.useFakeTimers();
  vi.stubGlobal('location', address);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  const note =
    (kind: string) =>
    (_state: unknown, _title: string, to: string): void =>
      void asked.push(`${kind} ${to}`);
  vi.stubGlobal('history', { pushState: note('push'), replaceState: note('replace') });
  vi.resetModules();
  state = await import('./url-state.ts');
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

describe('the state in the address', () => {
  it('changes at once, but updates the browser once for many changes', () => {
    for (let size = 1; size <= 500; size++) {
      state.setParams({ size: String(size) });
      expect(state.param('size')).toBe(String(size));
    }
    expect(asked).toEqual([]);
    vi.runAllTimers();
    expect(asked).toEqual(['replace /?tab=size&size=500']);
  });

  it('adds a step to the history, after what was shown before', () => {
    state.setParams({ size: '64' });
    state.setParams({ tab: 'crops' }, { step: true });
    vi.runAllTimers();
    expect(asked).toEqual(['replace /?tab=size&size=64', 'push /?tab=crops&size=64']);
  });

  it("follows the browser's Back button", () => {
    state.setParams({ size: '64' });
    address.search = '?tab=layers';
    page.dispatchEvent(new Event('popstate'));
    vi.runAllTimers();
    expect([state.param('tab'), state.param('size'), asked]).toEqual(['layers', '', []]);
  });

  it('is written when the user leaves the page', () => {
    page.dispatchEvent(new Event('pagehide'));
    expect(asked).toEqual([]);
    state.setParams({ size: '64' });
    page.dispatchEvent(new Event('pagehide'));
    vi.runAllTimers();
    expect(asked).toEqual(['replace /?tab=size&size=64']);
  });
});
