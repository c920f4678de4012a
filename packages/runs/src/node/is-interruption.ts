/** Whether an error says that a signal has fired, and nothing else. Streams, timers and the engine's set-up wrap the signal's reason. */
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
