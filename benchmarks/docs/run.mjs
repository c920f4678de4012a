// Writes the tables and plots of docs/benchmarks.md, docs/models.md and docs/results/*.md from the results
// in docs/benchmarks/ and docs/results/.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'oxfmt';
import { sources } from './markdown.mjs';

const benchmarks = fileURLToPath(new URL('..', import.meta.url));
const docs = join(benchmarks, '..', 'docs');
const blocks = /(<!-- (?!end)[\w-]+ \w+ [\w. -]+ -->)[^]*?(<!-- end -->)/;
const formatOptions = JSON.parse(readFileSync(join(benchmarks, '..', '.oxfmtrc.json'), 'utf8'));

const usage = `Usage: pnpm bench docs [options]
  --check             write nothing; exit with 1 if a page or a plot differs from the results

The pages docs/benchmarks.md and docs/models.md have blocks between <!-- BENCHMARK FUNCTION FILE... --> and <!-- end -->: the command and
machine of each file of docs/benchmarks, and the table or plot that the function of benchmarks/BENCHMARK/table.mjs makes of them. To replace results:
pnpm bench step --json > docs/benchmarks/step-128.json && pnpm bench docs
Pages of docs/results can have such blocks too, with files of docs/results.
`;

export async function main(args) {
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({ args, options: { check: flag, help: flag } });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const outdated = [];
  for (const [file, content] of await generated()) {
    if (readOr(file) === content) continue;
    outdated.push(file);
    if (!values.check) writeFileSync(file, content);
  }
  if (!values.check || outdated.length === 0) return 0;
  process.stderr.write(
    `${outdated.join(' and ')}: not as in the results; write it with "pnpm bench docs".\n`,
  );
  return 1;
}

/** The pages, plots and results with their new content. */
async function generated() {
  const files = new Map();
  for (const { page, results, link } of pages()) {
    // Between the blocks' parts is the text of the page.
    const texts = await Promise.all(
      readFileSync(page, 'utf8')
        .split(blocks)
        .map((part) => (/^<!-- (?!end)/.test(part) ? block(part, { results, link, files }) : part)),
    );
    files.set(page, await formatted(page, texts.join('')));
  }
  // As the benchmarks print them, with the line breaks of the repository.
  const measured = join(docs, 'benchmarks');
  for (const name of readdirSync(measured).filter((each) => each.endsWith('.json'))) {
    const file = join(measured, name);
    files.set(file, await formatted(file, readFileSync(file, 'utf8')));
  }
  return files;
}

/** Pages with blocks, the folder of the files that their blocks name, and the link to it from the page. */
function pages() {
  const experiments = join(docs, 'results');
  return [
    ...['benchmarks.md', 'models.md'].map((name) => ({
      page: join(docs, name),
      results: join(docs, 'benchmarks'),
      link: 'benchmarks/',
    })),
    ...readdirSync(experiments)
      .filter((name) => name.endsWith('.md'))
      .map((name) => ({ page: join(experiments, name), results: experiments, link: '' }))
      .filter(({ page }) => blocks.test(readFileSync(page, 'utf8'))),
  ];
}

async function formatted(file, text) {
  const { code, errors } = await format(file, text, formatOptions);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return code;
}

/** A block with its first line, without its last; plots are added to `files`. */
async function block(marker, { results, link, files }) {
  const [benchmark, name, ...names] = marker.slice(5, -4).split(' ');
  const missing = names.find((file) => !existsSync(join(results, file)));
  if (missing !== undefined)
    return `${marker}\n\nNot measured yet: \`pnpm bench ${benchmark} --json > docs/${basename(results)}/${missing}\`, then\n\`pnpm bench docs\`.\n\n`;
  const read = names.map((file) => JSON.parse(readFileSync(join(results, file), 'utf8')));
  const { [name]: make } = await import(`../${benchmark}/table.mjs`);
  const made = make(...read);
  if (!made.startsWith('<svg')) return `${marker}\n\n${sources(read)}\n\n${made}\n\n`;
  const plot = `${names[0].replace(/\.json$/, '')}-${name}.svg`;
  files.set(join(results, plot), made);
  return `${marker}\n\n![${benchmark}: ${name}](${link}${plot})\n\n`;
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
