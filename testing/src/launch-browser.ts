import type { Browser } from 'playwright-core';
import { findBrowser } from './find-browser.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the browser found by `findBrowser`. The caller closes it.
 *
 * @throws Error if there is none
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined)
    throw new Error('No Chromium, Chrome or Edge was found; install one or set CHROME_PATH.');
  // Half a second of processor time, which most tests that import this package do not need.
  const { chromium } = await import('playwright-core');
  // On a busy machine, it starts more slowly than Playwright's default timeout allows.
  return chromium.launch({ executablePath, args: FLAGS, timeout: 300_000 });
}
