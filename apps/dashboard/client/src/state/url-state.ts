import { signal } from '@preact/signals';

/**
 * Longer queries go after a `#` instead of a `?`. That part of an address stays in the browser;
 * with hundreds of selected runs, the server would reject the request for the page.
 */
const MAX_QUERY = 4000;

/**
 * Browsers limit changes of the address: Chromium ignores more than 200 in ten seconds, others
 * throw an error. A slider causes more.
 */
const WRITE_AFTER = 150;

/** The state of the view, stored in the address, so that a link or a reload restores it. */
const params = signal(inAddress());

/** Set while the address still has to be updated. */
let writing: ReturnType<typeof setTimeout> | undefined;

// Also after a change of the part after `#`.
addEventListener('popstate', () => {
  clearTimeout(writing);
  writing = undefined;
  params.value = inAddress();
});
addEventListener('pagehide', writeAddress);

function inAddress(): URLSearchParams {
  return new URLSearchParams(location.search === '' ? location.hash.slice(1) : location.search);
}

/** A field of the address; `fallback` if it is missing. */
export function param(name: string, fallback = ''): string {
  return params.value.get(name) ?? fallback;
}

/** A list in the address, separated by commas. */
export function listParam(name: string): string[] {
  const text = params.value.get(name);
  return text === null || text === '' ? [] : text.split(',').map(decoded);
}

/**
 * Decodes a value of the address. An address that was truncated or typed can contain an invalid
 * encoding; its text is then used unchanged.
 */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A list in the format of {@link listParam}. */
export function listText(list: readonly string[]): string {
  return list.map(encodeURIComponent).join(',');
}

/** The address with some fields changed; an empty text removes a field. */
export function addressWith(changes: Record<string, string>): string {
  return addressOf(paramsWith(changes));
}

function paramsWith(changes: Record<string, string>): URLSearchParams {
  const next = new URLSearchParams(params.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}

function addressOf(shown: URLSearchParams): string {
  const query = shown.toString();
  return query === '' ? '/' : `/${query.length > MAX_QUERY ? '#' : '?'}${query}`;
}

/**
 * Changes fields. The browser's Back button undoes the change only if it is a step, such as opening
 * a run.
 */
export function setParams(changes: Record<string, string>, { step = false } = {}): void {
  const next = paramsWith(changes);
  if (step) {
    // Back returns to the last view.
    writeAddress();
    history.pushState(null, '', addressOf(next));
  } else {
    clearTimeout(writing);
    writing = setTimeout(writeAddress, WRITE_AFTER);
  }
  params.value = next;
}

function writeAddress(): void {
  if (writing === undefined) return;
  clearTimeout(writing);
  writing = undefined;
  history.replaceState(null, '', addressOf(params.value));
}
