/**
 * Whether an error only means that a signal has fired. Streams, timers and the engine's setup wrap
 * the signal's reason.
 */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  for (let one = error; one instanceof Error; one = one.cause) {
    if (
      one === signal.reason ||
      one.name === 'AbortError' ||
      ('code' in one && one.code === 'aborted')
    )
      return true;
  }
  return false;
}
