import { useEffect, useState } from 'preact/hooks';

/** Something that is fetched: there, on its way, or not to be had. */
export type Loaded<T> = { state: 'loading' } | { state: 'failed'; message: string } | ReadyValue<T>;

interface ReadyValue<T> {
  state: 'ready';
  value: T;
  /** Why it could not be loaded again: the value is then an old one. */
  problem: string | null;
}

/**
 * Loads something, and again when an input changes. What arrives late for other inputs is thrown away.
 *
 * @param what says what is loaded: with a change nothing that was loaded before is shown any more
 * @param again what else makes it new: until it is loaded again the old one is shown, and where that fails as well
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
  // Here, since after an effect the old one would have been drawn once under the new name.
  return sameInputs(kept.what, what) ? kept.loaded : { state: 'loading' };
}

function sameInputs(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, i) => Object.is(each, others[i]));
}
