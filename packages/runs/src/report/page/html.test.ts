import { expect, test } from 'vitest';
import { html, trusted } from './html.ts';

test('html escapes inserted values, and keeps its own markup and nested templates', () => {
  const name = `<img src=x onerror="alert('1')">&amp;`;
  const safe = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;';
  expect(html`<b title="${name}">${html`<i>${name}</i>`}</b>`.markup).toBe(
    `<b title="${safe}"><i>${safe}</i></b>`,
  );
});

test('html joins lists, writes numbers, and outputs nothing for null and false', () => {
  expect(html`${['a<', 1, html`<br>`]}${null}${false}`.markup).toBe('a&lt;1<br>');
});

test('html inserts trusted markup unchanged', () => {
  expect(html`<style>${trusted('a > b {}')}</style>`.markup).toBe('<style>a > b {}</style>');
});
