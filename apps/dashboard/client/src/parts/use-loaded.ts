import { useEffect, useState } from 'preact/hooks';

/** Something that is loaded: ready, loading, or failed. */
export type Loaded<T> = { state: 'loading' } | { state: 'failed'; message: string } | ReadyValue<T>;

interface ReadyValue<T> {
  state: 'ready';
  value: T;
  /** Why it could not be reloaded; the value is then an old one. */
  problem: string | null;
}

/**
 * Loads something, and again when an input changes. A late result for other inputs is discarded.
 *
 * @param what identifies the content: after a change, the previous content is no longer shown
 * @param again other reasons to reload: the previous content stays until the new one is loaded,
 * also after a failure
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  what: readonly unknown[],
  again: readonly unknown[] = [],
): Loaded<T> {
  const [kept, setKept] = useState<{ what: readonly unknown[]; loaded: Loaded<T> }>({
    what,
    loaded: { state: 'loading' },
  });
  useEffect(() => {
    let current = true;
    setKept((before) =>
      sameInputs(before.what, what) && before.loaded.state === 'ready'
        ? before
        : { what, loaded: { state: 'loading' } },
    );
    load().then(
      (value) => current && setKept({ what, loaded: { state: 'ready', value, problem: null } }),
      (error: unknown) => {
        if (!current) return;
        const { message } = error as Error;
        setKept(({ loaded: before }) => ({
          what,
          loaded:
            before.state === 'ready'
              ? { ...before, problem: message }
              : { state: 'failed', message },
        }));
      },
    );
    return () => {
      current = false;
    };
  }, [...what, ...again]);
  // Here, because after an effect the old value would be drawn once under the new name.
  return sameInputs(kept.what, what) ? kept.loaded : { state: 'loading' };
}

function sameInputs(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, i) => Object.is(each, others[i]));
}
