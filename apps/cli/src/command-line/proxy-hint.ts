/** Variables that name a proxy; programs read them in either case. */
const VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];

/**
 * Advice for a download that did not reach its server although the environment names a proxy:
 * fetch of Node.js ignores proxies unless asked. The address is not shown, because it may contain a
 * password.
 *
 * @returns a sentence with a space in front; empty if the advice would not help
 */
export function proxyHint(error: unknown, environment: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error && 'code' in error && error.code === 'download-failed')) return '';
  // A server that answered, or a disk that is full, is no reason for a proxy.
  if (!(error.cause instanceof TypeError) || environment.NODE_USE_ENV_PROXY === '1') return '';
  const name = VARIABLES.find((each) => environment[each]);
  if (name === undefined) return '';
  return (
    ` ${name} is set, but Node.js uses it only if NODE_USE_ENV_PROXY is 1, ` +
    'from Node.js 22.21 on.'
  );
}
