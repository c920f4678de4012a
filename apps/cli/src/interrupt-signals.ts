/**
 * The signals by which people and systems ask a program to end: Ctrl-C and SIGTERM; on Windows, which knows no SIGTERM, Ctrl-Break and
 * the closing of the console window, after which some seconds are left. Elsewhere SIGHUP keeps its meaning, or `nohup` would have none.
 */
export function interruptSignals(platform: NodeJS.Platform = process.platform): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
}
