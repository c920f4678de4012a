import type { Missing } from '../missing.ts';

/** Messages of npm and pip that mean a network problem, not a bad request. */
const signs: readonly RegExp[] = [
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|E50[234]|E407)\b/,
  /\b(NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|NameResolutionError|Failed to establish a new connection)\b/,
  /\b(Name or service not known|Temporary failure in name resolution|Network is unreachable|Connection refused|Tunnel connection failed)/,
];

/** How to set up without a network. */
const offlineWay =
  'without network, run `fixres setup --download FOLDER` on a machine with network, and ' +
  '`fixres setup --from FOLDER` here';

/**
 * Detects from a tool's output that its server could not be reached.
 *
 * @param what the server in the user's words, for example `the npm registry`
 * @returns one clause with the proxy in use and a way out; null for any other problem
 */
export function unreachable(
  what: string,
  output: string,
  environment: NodeJS.ProcessEnv = process.env,
): Missing | null {
  const sign = signs
    .map((pattern) => pattern.exec(output)?.[1])
    .find((found) => found !== undefined);
  if (sign === undefined) return null;
  const proxy = proxyOf(environment);
  return {
    missing: [
      `${what} cannot be reached (${sign}${proxy ? `; ${proxy.name} is ${proxy.host}` : ''}): ${offlineWay}`,
    ],
    offline: true,
  };
}

/**
 * The proxy that npm and pip take from the environment; only its host, because the address may
 * contain a password.
 */
function proxyOf(
  environment: NodeJS.ProcessEnv,
): { readonly name: string; readonly host: string } | null {
  for (const name of [
    'HTTPS_PROXY',
    'https_proxy',
    'HTTP_PROXY',
    'http_proxy',
    'ALL_PROXY',
    'all_proxy',
  ]) {
    const value = environment[name];
    if (!value) continue;
    const address = value.includes('://') ? value : `http://${value}`;
    return { name, host: URL.canParse(address) ? new URL(address).host : 'no address' };
  }
  return null;
}
