// Writes the third-party packages that come with each published package, as installed here, and
// their licences into its NOTICE.md. Run it with `pnpm notices` after a change of dependencies. The
// rest of those files is written by hand.
//
//   node scripts/notices.mjs [--check] [--root FOLDER]
//
// With --check, it writes nothing and exits with code 1 if a file is not up to date. With or
// without --check, it also exits with code 1 if a dependency has a licence that is not listed
// below, or a licence text that does not match the declared licence.
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Licences that only require to keep their text, with words that only that text contains. */
const permissive = {
  '0BSD': /Permission to use, copy, modify, and\/or distribute this software for any/,
  'Apache-2.0': /Apache License,? Version 2\.0/i,
  'BSD-2-Clause': /Redistributions in binary form must reproduce/,
  'BSD-3-Clause': /Neither the name of .* may be used to/,
  'BlueOak-1.0.0': /Blue Oak Model License/,
  ISC: /Permission to use, copy, modify,? and(\/or)? distribute this software/,
  MIT: /Permission is hereby granted, free of charge/,
};

/**
 * Packages under other licences, or with further terms: the declared licence, and what users must
 * know.
 */
const reviewed = {
  '@img/sharp-libvips-*': {
    declares: 'LGPL-3.0-or-later',
    remark:
      'is libvips with the libraries it is built with, some of them (glib, librsvg, libheif, pango, fribidi, libexif and libvips itself) under the LGPL, version 3 or later. ' +
      'It is a shared library that sharp loads when it runs; you may replace it by one of your own. Its README.md lists all libraries and their licences; its source is https://github.com/lovell/sharp-libvips. ' +
      'On Windows the same libraries are inside `@img/sharp-win32-*`, and where sharp runs on WebAssembly inside `@img/sharp-wasm32`, under the same terms.',
  },
  '@tensorflow/tfjs-backend-wasm': {
    declares: 'Apache-2.0',
    remark:
      'holds WebAssembly compiled from XNNPACK (BSD-3-Clause), pthreadpool and cpuinfo (BSD-2-Clause), FP16 and FXdiv (MIT), with the runtime of Emscripten (MIT).',
  },
  '@tensorflow/tfjs-layers': {
    declares: 'Apache-2.0 AND MIT',
    remark: 'is made after Keras: copyright François Chollet, Google, Microsoft and others, MIT.',
  },
  h5wasm: {
    declares: 'SEE LICENSE IN LICENSE.txt',
    licence: 'NIST-Software AND BSD-3-Clause (HDF5)',
    copyright:
      'National Institute of Standards and Technology; The HDF Group; The Board of Trustees of the University of Illinois',
    remark:
      'was developed by the National Institute of Standards and Technology (NIST), which provides it as a public service and "AS IS": whoever passes it on keeps its notice intact, and whoever changes it says so. ' +
      'It holds the HDF5 library, copyright The HDF Group and the Board of Trustees of the University of Illinois. The whole text is its LICENSE.txt.',
    text: /NIST-developed software is provided by NIST as a public service.*HDF5 \(Hierarchical Data Format 5\)/,
  },
};

/** Peers that users install only if they want what they add; nothing of fixres brings them. */
const added = ['@julusian/jpeg-turbo', '@litertjs/core', 'onnxruntime-node'];

/** Packages that do not include their licence text, and where it is. */
const textElsewhere = [
  {
    name: /^@tensorflow\/tfjs-(core|backend-\w+)$/,
    at: 'https://github.com/tensorflow/tfjs/blob/master/LICENSE',
    copyright: 'Google LLC',
  },
  {
    name: /^@tensorflow\/tfjs-layers$/,
    at: 'https://github.com/tensorflow/tfjs/blob/master/tfjs-layers/LICENSE',
    copyright: 'François Chollet; Google LLC; Microsoft, LLC',
  },
  // The binaries of koffi, which has the text.
  {
    name: /^@koromix\/koffi-/,
    at: 'https://opensource.org/license/mit',
    copyright: 'Niels Martignène',
  },
  // Declares MIT in package.json, and has no text at all.
  { name: /^tr46$/, at: 'https://opensource.org/license/mit' },
];

const LIST = /(<!-- dependencies: .*? -->\n)(.*?)(<!-- end -->)/s;

const { values } = parseArgs({ options: { check: { type: 'boolean' }, root: { type: 'string' } } });
const root = values.root ?? fileURLToPath(new URL('..', import.meta.url));
const problems = [];
const own = publishedPackages();
for (const { folder, manifest } of own.values()) {
  const file = join(folder, 'NOTICE.md');
  const shown = relative(root, file);
  if (!manifest.files?.includes('NOTICE.md'))
    problems.push(
      `${relative(root, join(folder, 'package.json'))}: NOTICE.md is not among its files, so it is not published`,
    );
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!LIST.test(text)) {
    problems.push(`${shown} is missing, or has no place for the list of dependencies`);
    continue;
  }
  requireTextsOfBundled(folder, text.replace(LIST, ''));
  const wanted = text.replace(
    LIST,
    (_, start, __, end) => `${start}\n${listOf(closureOf(folder, manifest))}\n${end}`,
  );
  if (wanted === text) continue;
  if (values.check) problems.push(`${shown} is not what is installed; run pnpm notices`);
  else writeFileSync(file, wanted);
}
for (const problem of new Set(problems)) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The published packages of this workspace, by name. */
function publishedPackages() {
  const folders = ['packages', 'apps']
    .filter((each) => existsSync(join(root, each)))
    .flatMap((each) => readdirSync(join(root, each)).map((name) => join(root, each, name)));
  const manifests = folders
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder: realpathSync(folder), manifest: readManifest(folder) }));
  return new Map(
    manifests.filter(({ manifest }) => !manifest.private).map((each) => [each.manifest.name, each]),
  );
}

/** All third-party packages installed with one of ours, including peers, by name. */
function closureOf(folder, manifest) {
  const found = new Map();
  const seen = new Set();
  const visit = (
    from,
    { name, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta },
  ) => {
    if (seen.has(from)) return;
    seen.add(from);
    for (const needed of Object.keys({
      ...dependencies,
      ...optionalDependencies,
      ...peerDependencies,
    })) {
      if (added.includes(needed)) continue;
      const installed = resolve(needed, from);
      const optional =
        needed in (optionalDependencies ?? {}) || peerDependenciesMeta?.[needed]?.optional;
      if (!installed) {
        if (!optional) problems.push(`${name} needs ${needed}, which is not installed`);
        continue;
      }
      const its = readManifest(installed);
      if (!own.has(its.name)) {
        const label = its.name.replace(
          /-(aix|android|darwin|freebsd|linux|linuxmusl|win32)-\w+$/,
          '-*',
        );
        found.set(label, describe(label, its, installed));
      }
      visit(installed, its);
    }
  };
  visit(folder, manifest);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The folder to which Node resolves a package from a folder. */
function resolve(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (folder === dirname(folder)) return undefined;
  }
}

/** Licence and copyright of a package, from its files; collects problems. */
function describe(label, { name, version, license, author }, folder) {
  const declared = typeof license === 'string' ? license : (license?.type ?? 'none');
  const review = reviewed[label]?.declares === declared ? reviewed[label] : undefined;
  const identifiers = declared.replace(/[()]/g, '').split(/ (?:AND|OR) /);
  if (!review && !identifiers.every((each) => each in permissive)) {
    problems.push(
      `${name} ${version} is under "${declared}", which nobody has reviewed; read it, and note it in scripts/notices.mjs`,
    );
  }
  const files = readdirSync(folder).filter((file) =>
    /^(licen[cs]e|copying|readme|notice)/i.test(file),
  );
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const words = text.replace(/\s+/g, ' ');
  const elsewhere = textElsewhere.find((each) => each.name.test(name));
  if (!elsewhere) {
    const expected = review?.text
      ? [review.text]
      : identifiers.map((each) => permissive[each]).filter(Boolean);
    // If licences are alternatives, one text is enough.
    const enough = declared.includes(' OR ') ? 'some' : 'every';
    if (expected.length > 0 && !expected[enough]((pattern) => pattern.test(words)))
      problems.push(
        `${name} ${version} declares "${declared}", but has no such text among its files`,
      );
  }
  const holder =
    review?.copyright ??
    elsewhere?.copyright ??
    copyrightIn(text) ??
    (typeof author === 'string' ? author : author?.name)?.replace(/ [<(].*/, '') ??
    '';
  return {
    licence: review?.licence ?? declared,
    holder,
    remark: review?.remark,
    elsewhere: elsewhere?.at,
  };
}

/**
 * The builds of the dashboard's page and of the command line write a list of the packages that they
 * bundle, with their licence texts. Packages without a text must be named in the handwritten part. A
 * package that is not built, or bundles nothing, has no such list.
 */
function requireTextsOfBundled(folder, notice) {
  const file = ['client', 'bundle']
    .map((name) => join(folder, 'dist', name, 'third-party-notices.md'))
    .find((each) => existsSync(each));
  if (file === undefined) return;
  for (const section of readFileSync(file, 'utf8').split(/^## /m).slice(1)) {
    const [, name, identifiers = 'none', text] = /^(\S+) - \S+(?: \(([^)\n]*)\))?\n(.*)$/s.exec(
      section,
    );
    if (!identifiers.split(' AND ').every((each) => each in permissive))
      problems.push(`${name} is bundled and under "${identifiers}", which nobody has reviewed`);
    else if (text.trim() === '' && !notice.includes(name))
      problems.push(
        `${name} is bundled and has no licence text of its own; add it to ${relative(root, join(folder, 'NOTICE.md'))}`,
      );
  }
}

/**
 * The copyright holder, from the first copyright notice in a text; the blank template in the Apache
 * licence does not count.
 */
function copyrightIn(text) {
  const lines = text.split('\n').map((line) => line.replace(/[*_]/g, '').trim());
  const notice = lines.find(
    (line) =>
      /^copyright\b/i.test(line) &&
      !/[[{]yyyy[\]}]|copyright (notice|owner|holder|licen[cs]e|statement|and|in|interest)\b/i.test(
        line,
      ),
  );
  const years = /\d{4}(\s*[-–,]\s*(\d{4}|present))*,?/g;
  const holder = notice
    ?.replace(
      /copyright|\(c\)|©|all rights reserved\.?|; modified work.*|(<|&lt;).*?(>|&gt;?)|\([^ ]*(@|:\/\/|\.)[^ ]*\)/gi,
      '',
    )
    .replace(years, '')
    .replace(/ +/g, ' ')
    .replace(/^\W*(by )?|[\s.,;]+$/g, '')
    .trim();
  return holder || undefined;
}

function listOf(dependencies) {
  if (dependencies.length === 0) return 'None.\n';
  const rows = dependencies.map(
    ([name, { licence, holder }]) =>
      `| \`${name}\` | ${licence} | ${holder.replaceAll('|', '\\|')} |\n`,
  );
  const remarks = dependencies
    .filter(([, { remark }]) => remark)
    .map(([name, { remark }]) => `- \`${name}\` ${remark}\n`);
  const places = new Map();
  for (const [name, { elsewhere }] of dependencies)
    if (elsewhere) places.set(elsewhere, [...(places.get(elsewhere) ?? []), `\`${name}\``]);
  const texts = [...places].map(
    ([at, names]) => `- The licence text of ${names.join(', ')} is ${at}.\n`,
  );
  return `| Package | Licence | Copyright |\n|---|---|---|\n${rows.join('')}${remarks.length + texts.length > 0 ? '\n' : ''}${remarks.join('')}${texts.join('')}`;
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
