/**
 * The report's style sheet. Arm colours follow Okabe and Ito's palette for colour-blind readers, darkened on white and lightened
 * on black until each has a contrast of at least 3:1 (text: 4.5:1). Print uses the light colours.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f6f3; --card: #ffffff; --ink: #1a1d21; --soft: #5a616a; --line: #dedbd4; --grid: #e9e6e0; --tint: #f1efea;
  --accent: #0b62a4; --clear: #00684c; --clear-tint: #e3f3ec; --worse: #a33a00; --worse-tint: #fbebe2; --noise-tint: #eeedea;
  --arm-0: #0072b2; --arm-1: #c44f00; --arm-2: #00805e; --arm-3: #a8478a; --arm-4: #8f6a00; --arm-5: #6a3fd0; --arm-6: #4b4f56;
  --right-1: #e9f1f7; --right-2: #d3e3ef; --right-3: #bbd3e6; --right-4: #a5c5dd; --right-5: #8fb7d5;
  --wrong-1: #faefe8; --wrong-2: #f4dfd1; --wrong-3: #eeceb8; --wrong-4: #e9bea1; --wrong-5: #e4ae8a;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1a1d21; --ink: #eceae6; --soft: #a5abb3; --line: #343940; --grid: #2a2f35; --tint: #23272c;
    --accent: #6bb8f0; --clear: #5fd3a8; --clear-tint: #14332a; --worse: #ffa77a; --worse-tint: #3a2218; --noise-tint: #282c31;
    --arm-0: #56b4e9; --arm-1: #f28a4b; --arm-2: #35c39a; --arm-3: #e39cc6; --arm-4: #e6b940; --arm-5: #a48bff; --arm-6: #c2c6cc;
    --right-1: #1f2b33; --right-2: #253845; --right-3: #2b4759; --right-4: #30556b; --right-5: #36627d;
    --wrong-1: #2d2725; --wrong-2: #413129; --wrong-3: #563c2d; --wrong-4: #6a4531; --wrong-5: #7d4f34;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 400 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; }
header, main { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2rem; }
main { padding-bottom: 4rem; }
h1, h2, h3, .arm, b { overflow-wrap: anywhere; }
h1 { margin: .5rem 0 1.25rem; font-size: 1.25rem; font-weight: 600; line-height: 1.3; }
h2 { margin: 3rem 0 .75rem; font-size: 1.375rem; font-weight: 650; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 0; font-size: 1rem; font-weight: 650; }
p { margin: .5rem 0; max-width: 46rem; }
ul { margin: 0; padding: 0; list-style: none; }
figure { margin: 0; }
b { font-weight: 650; }
.soft, .note { color: var(--soft); }
.note { display: block; font-weight: 400; font-size: .8125rem; line-height: 1.35; }
.code, code { font-family: var(--mono); font-size: .875em; }
.code { overflow-wrap: anywhere; }
.brand { display: flex; align-items: center; gap: .5rem; margin: 0; font-weight: 700; letter-spacing: -.01em; }
.brand span { color: var(--soft); font-weight: 400; }
.emblem { fill: none; stroke: var(--accent); stroke-width: 2; }
.emblem circle { fill: var(--accent); stroke: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; }
figcaption h3 { color: var(--ink); }
figcaption { color: var(--soft); font-size: .875rem; line-height: 1.45; }

.verdict { background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--accent); border-radius: .75rem; padding: 1.5rem 1.75rem; }
.verdict h2 { margin: 0 0 .75rem; font-size: clamp(1.5rem, 1.1rem + 1.9vw, 2.25rem); font-weight: 450; letter-spacing: -.02em; text-wrap: balance; }
.verdict h2 b { font-weight: 700; }
.verdict .evidence { display: block; margin-top: .375rem; color: var(--soft); font-size: 1rem; letter-spacing: 0; }
.findings { margin: 1rem 0; display: grid; gap: .5rem; max-width: 52rem; }
.findings li { padding-left: 1.75rem; position: relative; overflow-wrap: anywhere; }
.findings li::before { position: absolute; left: .25rem; font-weight: 700; }
.findings .clear::before { content: "▲"; color: var(--clear); font-size: .8em; top: .15em; }
.findings .noise::before { content: "≈"; color: var(--soft); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1.25rem 2rem; margin: 1.5rem .25rem 0; }
.facts dt { color: var(--soft); font-size: .8125rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd b { display: block; }
.facts dd span { display: block; color: var(--soft); font-size: .8125rem; line-height: 1.4; }

svg { display: block; }
.arm-0 { color: var(--arm-0); } .arm-1 { color: var(--arm-1); } .arm-2 { color: var(--arm-2); } .arm-3 { color: var(--arm-3); }
.arm-4 { color: var(--arm-4); } .arm-5 { color: var(--arm-5); } .arm-6 { color: var(--arm-6); }
.marker { fill: currentColor; stroke: var(--card); stroke-width: 1.5; paint-order: stroke; }
.swatch { display: inline-block; vertical-align: -.05em; flex: none; }
.swatch line { stroke: currentColor; stroke-width: 2; }
.track { overflow: visible; }
.track .interval { stroke: currentColor; stroke-width: 2; }
.grid { stroke: var(--grid); stroke-width: 1; }
.reference { stroke: var(--soft); stroke-width: 1; }
.axis, .plot > svg { overflow: visible; }
.axis text, .plot text { fill: var(--soft); font: 400 .75rem var(--sans); }

.dots-row { display: grid; grid-template-columns: minmax(8rem, 15rem) 1fr 10.5rem; gap: 0 1.5rem; align-items: center; }
.dots-name { padding: .125rem 0; display: flex; gap: .5rem; align-items: center; min-width: 0; line-height: 1.3; }
.dots-name .swatch { margin-top: 0; }
.dots-name .mono { overflow-wrap: anywhere; }
.dots-name .code { display: block; color: var(--soft); font-size: .8125rem; }
.dots-value { line-height: 1.3; }
.dots-value .soft { display: block; font-size: .8125rem; }
.waterfall .dots-row { padding: .1875rem 0; }
.waterfall rect { fill: var(--soft); }
.waterfall .gain { fill: var(--arm-2); }
.waterfall .loss { fill: var(--arm-1); }
.waterfall .interval { stroke: var(--ink); }
.dots figcaption { margin-top: .75rem; max-width: 50rem; }

.scroll { overflow-x: auto; margin-top: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; line-height: 1.4; }
caption { text-align: left; padding: 1rem 1rem .5rem; color: var(--soft); font-size: .875rem; }
caption span { display: inline-block; position: sticky; left: 1rem; max-width: min(100%, calc(100vw - 4rem)); }
th, td { padding: .625rem 1rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; border-bottom: 1px solid var(--line); color: var(--soft); font-size: .8125rem; font-weight: 500; vertical-align: bottom; }
tbody tr:first-child > * { border-top: 0; }
tbody th { font-weight: 400; min-width: 9rem; }
tbody th .arm { font-weight: 650; }
tbody th .note { max-width: 22rem; }
td .code, th .code { overflow-wrap: normal; white-space: nowrap; }
td b, td .note { white-space: nowrap; }
.number { text-align: right; }
td.number { white-space: nowrap; }
.arm { display: inline-flex; gap: .375rem; align-items: center; color: var(--ink); }
.evaluations td { min-width: 9.5rem; }
.evaluations thead .arm { font-weight: 650; }
.evaluations .track { margin: .25rem 0; }
.comparisons td:nth-child(4) { min-width: 11rem; width: 30%; }
.comparisons .track { color: var(--accent); }
.tag { display: inline-block; padding: 0 .4em; border: 1px solid currentColor; border-radius: .3em; color: var(--accent); font-size: .75rem; }
.badge { display: inline-flex; gap: .4em; align-items: baseline; padding: .05rem .6rem; border-radius: 1rem; background: var(--noise-tint); white-space: nowrap; font-size: .875rem; }
.badge.better { background: var(--clear-tint); color: var(--clear); font-weight: 600; }
.badge.worse { background: var(--worse-tint); color: var(--worse); font-weight: 600; }

.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1.25rem; margin-top: 1rem; }
.pair > * { min-width: 0; }
.tops { align-items: start; }
.legend { display: flex; flex-wrap: wrap; gap: .125rem 1.125rem; margin: .5rem 0 1rem; font-size: .875rem; }
.legend li { display: inline-flex; gap: .4rem; align-items: center; overflow-wrap: anywhere; }
.plot { padding: .5rem .75rem 0 3rem; }
.plot path { fill: none; stroke: currentColor; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.plot .line { stroke-width: 2.25; }
.plot .faint { stroke-width: 1; opacity: .45; }
.plot .marker { fill: currentColor; stroke: var(--card); stroke-width: 1.5; }
.plot .interval { stroke: currentColor; stroke-width: 1.75; }
.plot .ring { fill: none; stroke: currentColor; stroke-width: 1.5; }
.plot .gap { stroke: currentColor; stroke-width: 2; opacity: .45; }
.plot .ideal { stroke: var(--soft); stroke-width: 1.25; stroke-dasharray: 4 4; }
.axis-name { margin: 0; color: var(--soft); font-size: .75rem; text-align: center; }

.grid-pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr)); gap: .625rem; margin-top: .875rem; }
.grid-pictures img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--tint); border-radius: .375rem; }
.grid-pictures span { display: block; margin-top: .125rem; color: var(--soft); font-size: .75rem; line-height: 1.3; overflow-wrap: anywhere; }
.grid-pictures .drawn { font-size: .6875rem; }

.grid-pictures.mistakes { grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: .875rem .75rem; }
.grid-pictures.twins { grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .875rem 1.25rem; }
.twins li { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .375rem; align-content: start; }
.mistakes b { color: var(--ink); }

.status { margin-bottom: 1.25rem; padding: 1.25rem 1.75rem; background: var(--noise-tint); border: 1px solid var(--line); border-left: 4px solid var(--soft); border-radius: .75rem; }
.status h2 { margin: 0 0 .5rem; }
.status.failed { background: var(--worse-tint); border-left-color: var(--worse); }
.status .soft { color: inherit; }
.status .code { overflow-wrap: anywhere; }
.problem { max-width: none; font-family: var(--mono); font-size: .9375rem; overflow-wrap: anywhere; white-space: pre-wrap; }
.why { max-width: 22rem; margin-left: auto; white-space: normal; overflow-wrap: anywhere; text-align: left; }
td .note.why { white-space: normal; }
.contents { margin: 1.75rem 0 0; padding: .75rem 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); font-size: .9375rem; }
.contents ul { display: flex; flex-wrap: wrap; gap: .125rem 1.25rem; }
.contents a { display: inline-block; padding: .25rem 0; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }
article { margin-top: 3.5rem; padding-top: 1.5rem; border-top: 3px solid var(--line); }
article > h1 { font-size: 1.5rem; }
.below { margin-top: 1.25rem; }
.mono { font-family: var(--mono); }
.warnings { margin: .75rem 0; display: grid; gap: .25rem; }
.warnings li { padding-left: 1.5rem; position: relative; overflow-wrap: anywhere; }
.warnings li::before { content: "!"; position: absolute; left: .4rem; font-weight: 700; color: var(--worse); }

.bars + .scroll { margin-top: 1.25rem; }
.bars h3 { margin-bottom: .75rem; }
.bar-row { display: grid; grid-template-columns: minmax(0, 9.5rem) minmax(3rem, 1fr) 6rem; gap: .75rem; align-items: center; padding: .25rem 0; line-height: 1.3; }
.bar-name { display: flex; gap: .375rem; align-items: center; min-width: 0; overflow-wrap: anywhere; }
.bar rect { fill: currentColor; }
.bar .bar-before { opacity: .4; }
.bar-value { white-space: nowrap; text-align: right; }

.apparent .dots-row { grid-template-columns: minmax(8rem, 18rem) 1fr 7rem; padding: .25rem 0; }
.apparent .note { font-size: .8125rem; }
.density { fill: currentColor; opacity: .22; }
.numbers { margin: 1rem 0 0; font-size: .9375rem; }
.numbers summary { color: var(--accent); font-weight: 500; font-size: .875rem; }
.numbers .scroll { margin-top: .5rem; }
.dense th, .dense td { padding: .25rem .875rem; }
.dense tbody th { min-width: 0; }
.reliability { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 1.25rem; margin-top: 1rem; }
.reliability .plot { padding: .875rem .5rem 1.5rem 1.75rem; }
.reliability .plot text { font-size: .6875rem; }

.matrix-card { padding-bottom: .75rem; }
.matrix-card h3 { display: flex; flex-wrap: wrap; gap: .375rem; align-items: center; }
.matrix-card h3 .code { font-weight: 400; }
.matrix-card .scroll { margin-top: .5rem; border: 0; border-radius: 0; }
.matrix { border-collapse: separate; border-spacing: 2px; font-size: .875rem; }
.matrix caption { padding: 0 0 .5rem; font-size: .8125rem; }
.matrix caption span { left: 0; }
.matrix th, .matrix td { padding: .375rem .375rem; border: 0; text-align: center; vertical-align: middle; }
.matrix tbody th { min-width: 0; max-width: 8rem; text-align: right; overflow-wrap: anywhere; box-shadow: none; }
.matrix thead th { font-weight: 400; overflow-wrap: anywhere; }
.matrix tbody td { border-radius: .25rem; background: var(--tint); }
.matrix td.wrong-0, .matrix td.right-0 { color: var(--soft); }
.matrix td.right-1 { background: var(--right-1); } .matrix td.right-2 { background: var(--right-2); } .matrix td.right-3 { background: var(--right-3); } .matrix td.right-4 { background: var(--right-4); } .matrix td.right-5 { background: var(--right-5); } 
.matrix td.wrong-1 { background: var(--wrong-1); } .matrix td.wrong-2 { background: var(--wrong-2); } .matrix td.wrong-3 { background: var(--wrong-3); } .matrix td.wrong-4 { background: var(--wrong-4); } .matrix td.wrong-5 { background: var(--wrong-5); } 

.reading { display: grid; grid-template-columns: max-content minmax(0, 46rem); gap: .5rem 1.5rem; margin: 0; }
.reading dt { font-weight: 600; }
.reading dd { margin: 0; }
pre { margin: .75rem 0; padding: .875rem 1rem; overflow-x: auto; background: var(--tint); border: 1px solid var(--line); border-radius: .5rem; line-height: 1.45; }
.command { white-space: pre-wrap; overflow-wrap: anywhere; }
details { margin: .5rem 0; }
summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

@media screen and (max-width: 44rem) {
  header, main { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.25rem; }
  h2 { margin-top: 2.25rem; }
  .verdict { padding: 1.125rem 1.125rem 1rem; }
  .card { padding: 1rem; }
  .facts { grid-template-columns: 1fr 1fr; gap: 1rem 1.25rem; }
  .dots-row { grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; }
  .dots-track { grid-column: 1 / -1; grid-row: 2; padding: 0 .75rem; }
  .dots-value { text-align: right; }
  th, td { padding: .5rem .75rem; }
  tbody th { position: sticky; left: 0; z-index: 1; background: var(--card); min-width: 9rem; max-width: 11rem; box-shadow: 1px 0 0 var(--line); }
  .axis .spare { display: none; }
  .grid-pictures { grid-template-columns: repeat(auto-fill, minmax(4.5rem, 1fr)); }
  .plot { padding-left: 2.75rem; padding-right: .25rem; }
  .apparent .dots-row { grid-template-columns: minmax(0, 1fr) auto; }
  .bar-row { grid-template-columns: minmax(0, 1fr) auto; gap: .125rem .75rem; }
  .bar { grid-row: 2; grid-column: 1 / -1; }
  .status { padding: 1rem 1.125rem; }
  .matrix tbody th { position: static; }
  .contents li { padding: .125rem 0; }
  .reading { grid-template-columns: 1fr; gap: 0; }
  .reading dd { margin-bottom: .75rem; }
}
@media print {
  @page { margin: 14mm; }
  :root { --page: #ffffff; }
  html { font-size: 9pt; }
  body { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  header, main { max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  th, td { padding: .35rem .5rem; }
  .card, .verdict, .status, tr, .grid-pictures li { break-inside: avoid; }
  .dots, .card:has(.numbers) { break-inside: auto; }
  .dots-row { break-inside: avoid; }
  h1, h2, h3, caption, summary { break-after: avoid; }
  section > p:first-of-type { break-after: avoid; }
  .contents { display: none; }
  article { break-before: page; margin-top: 0; }
  .pair { grid-template-columns: 1fr 1fr; gap: .75rem; }
  .plot svg { max-height: 200px; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; overflow: visible; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; opacity: 1; }
}
`;
