// pnpm api: writes the exports of each entry of a published package to
// packages/NAME/api/ENTRY.api.md, from the built declarations, so that interface changes show in a
// diff. With --check, it compares instead, and checks the declarations as a program that imports them would.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { format } from 'oxfmt';
import ts from 'typescript';
import { root } from './steps.mjs';

/** All entries with declarations: import specifier, declarations and report. */
function publishedEntries() {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).flatMap((folder) => {
      const manifest = join(root, group, folder, 'package.json');
      const { name, exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
      return Object.entries(exports).flatMap(([path, { types }]) =>
        types === undefined
          ? []
          : {
              name: name + path.slice(1),
              types: join(dirname(manifest), types),
              report: join(
                dirname(manifest),
                'api',
                `${path === '.' ? 'index' : path.slice(2).replaceAll('/', '-')}.api.md`,
              ),
            },
      );
    }),
  );
}

const leftOut = [ts.SyntaxKind.ExportKeyword, ts.SyntaxKind.DeclareKeyword];
const printer = ts.createPrinter({ removeComments: true });

/**
 * A declaration as the compiler prints it, without comments and without parts that programs cannot
 * use: private members, `declare` and `export`.
 */
function signature(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const hidden = (node) =>
    (node.name !== undefined && ts.isPrivateIdentifier(node.name)) ||
    node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
  const { transformed } = ts.transform(statement, [
    (context) => (node) => {
      const visit = (child) => {
        if (leftOut.includes(child.kind)) return undefined;
        if (ts.isClassElement(child) && hidden(child)) return undefined;
        return ts.visitEachChild(child, visit, context);
      };
      return ts.visitEachChild(node, visit, context);
    },
  ]);
  return printer.printNode(ts.EmitHint.Unspecified, transformed[0], statement.getSourceFile());
}

/** The report of an entry: its exported names in order, each with its declarations. */
async function reportOf({ name, types }, program) {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(types));
  const symbols = checker
    .getExportsOfModule(module)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const lines = symbols.map((symbol) => {
    const original =
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const text = original.declarations.map(signature).join('\n');
    return original.name === symbol.name ? text : `${text}\n// exported as ${symbol.name}`;
  });
  const { code, errors } = await format('api.d.ts', lines.join('\n'), formatOptions);
  if (errors.length > 0) throw new Error(`The report of ${name}: ${errors[0].message}`);
  return `# ${name}\n\n${symbols.length} exports. Written by \`pnpm api\`.\n\n\`\`\`ts\n${code}\`\`\`\n`;
}

const formatHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => '\n',
};

/** What the compiler finds in the declarations of the packages: the build writes them without resolving an import. */
function declarationErrors(program) {
  const own = /^(?:packages|apps)\/[^/]+\/dist\//;
  return program
    .getSourceFiles()
    .filter(({ fileName }) => own.test(relative(root, fileName).split(sep).join('/')))
    .flatMap((file) => program.getSemanticDiagnostics(file));
}

const check = process.argv.includes('--check');
const formatOptions = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8'));
const entries = publishedEntries();
if (!entries.every(({ types }) => existsSync(types))) {
  process.stderr.write('Declarations are missing. Run pnpm build first.\n');
  process.exit(2);
}
const program = ts.createProgram(
  entries.map(({ types }) => types),
  {
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.es2024.sharedmemory.d.ts'],
    strict: true,
    types: [],
  },
);
const wanted = new Set(entries.map(({ report }) => report));
const different = [];
for (const entry of entries) {
  const text = await reportOf(entry, program);
  if (existsSync(entry.report) && readFileSync(entry.report, 'utf8') === text) continue;
  different.push(entry.report);
  if (check) continue;
  mkdirSync(dirname(entry.report), { recursive: true });
  writeFileSync(entry.report, text);
}
for (const folder of new Set(entries.map(({ report }) => dirname(report))))
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const path = join(folder, file);
    if (wanted.has(path)) continue;
    different.push(path);
    if (!check) rmSync(path);
  }
for (const path of different) process.stdout.write(`${relative(root, path)}\n`);
const errors = check ? declarationErrors(program) : [];
if (errors.length > 0) {
  process.stdout.write(ts.formatDiagnostics(errors, formatHost));
  process.stderr.write('A program that imports these packages cannot use these declarations.\n');
  process.exitCode = 1;
}
if (check && different.length > 0) {
  process.stderr.write(
    'These reports differ from what the packages export. If the change is intended, run pnpm build and pnpm api.\n',
  );
  process.exitCode = 1;
}
