// Takes the screenshot of a report for the README, from its top to an element (a CSS selector).
//
//   CHROME_PATH=/usr/bin/chromium node apps/cli/scripts/screenshot-report.mjs RUN/report.html docs/report.png table.arms
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [report, picture, end] = process.argv.slice(2);
const width = 1100;
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width, height: 1500 }, colorScheme: 'light' });
await page.goto(pathToFileURL(resolve(report)).href);
const { y } = await page.locator(end).boundingBox();
await page.screenshot({
  path: picture,
  fullPage: true,
  clip: { x: 0, y: 0, width, height: y - 24 },
});
await browser.close();
