import { expect, it, onTestFinished, vi } from 'vitest';

class QuietSource extends EventTarget {
  close(): void {
    this.dispatchEvent(new Event('close'));
  }
}

it('the page requests the table again if it was not available at first, even if the tab changes meanwhile', async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const answer = {
    boot: 'b',
    version: 1,
    total: 0,
    rows: [],
    common: {},
    next: null,
    control: false,
  };
  const fetched = vi
    .fn()
    .mockRejectedValueOnce(new Error('Nobody answers.'))
    .mockResolvedValue(Response.json(answer));
  vi.useFakeTimers();
  for (const [name, value] of Object.entries({
    document: page,
    fetch: fetched,
    EventSource: QuietSource,
  }))
    vi.stubGlobal(name, value);
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const { failure, loaded, startLive } = await import('./live.ts');
  await startLive();
  expect([failure.value, loaded.value]).toEqual(['Nobody answers.', false]);
  page.dispatchEvent(new Event('visibilitychange'));
  await vi.runAllTimersAsync();
  expect([failure.value, loaded.value, fetched.mock.calls.length]).toEqual([null, true, 2]);
});
