import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** Opens a page that fails the test if one of its scripts fails or its policy is violated. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 900 },
    // Without a graphics card, drawing an animation takes most of a core.
    reducedMotion: 'reduce',
    ...options,
  });
  // Only for tests that hang, as in vitest.shared.ts.
  page.setDefaultTimeout(300_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A restarted server drops connections and rejects new ones for a moment; that is not an error
    // of the page.
    if (
      message.type() === 'error' &&
      !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/.test(message.text())
    )
      errors.push(message.text());
  });
  onTestFinished(async () => {
    await page.close();
    expect(errors).toEqual([]);
  });
  await page.goto(url);
  return page;
}

/**
 * Holds back matching requests.
 *
 * @returns a function that releases them and all later ones
 */
export async function holdRequests(page: Page, pattern: RegExp): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/**
 * Serious and critical findings of axe on the current page.
 *
 * @param rules ids of rules; default none
 * @param only whether only these rules are checked; default: all others
 */
export async function accessibilityFindings(
  page: Page,
  rules: readonly string[] = [],
  only = false,
): Promise<string[]> {
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) {
    // Injected through the browser's own interface, because the policies of our pages allow no external
    // scripts. Half as long as the source that the package exports.
    await page.evaluate(
      await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8'),
    );
  }
  const options = {
    // Without the details of what passes.
    resultTypes: ['violations'],
    ...(only
      ? { runOnly: [...rules] }
      : { rules: Object.fromEntries(rules.map((rule) => [rule, { enabled: false }])) }),
  };
  return page.evaluate(async (given) => {
    const { axe: inPage } = globalThis as unknown as {
      axe: {
        run: (
          options: unknown,
        ) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await inPage.run(given);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
  }, options);
}
