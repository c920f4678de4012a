import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';

export interface BuiltPage {
  /** Compressed bytes of the code that the page loads at first, without TensorFlow.js. */
  startBytes: number;
  /** Modules of Node that the page would need, which Vite replaces by empty ones. */
  nodeModules: string[];
}

/**
 * Builds `page.ts` of a project with Vite.
 *
 * @throws Error if Vite cannot resolve an import
 */
export async function buildPage(folder: string): Promise<BuiltPage> {
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: 'page.ts', formats: ['es'], fileName: 'page' },
      rolldownOptions: { external: /^@tensorflow\// },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]) as Rolldown.RolldownOutput[];
  const chunks = outputs
    .flatMap(({ output }) => output)
    .filter((output): output is Rolldown.OutputChunk => output.type === 'chunk');
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const start = new Set<Rolldown.OutputChunk>();
  const visit = (chunk: Rolldown.OutputChunk): void => {
    if (start.has(chunk)) return;
    start.add(chunk);
    for (const name of chunk.imports) if (byName.has(name)) visit(byName.get(name)!);
  };
  for (const chunk of chunks) if (chunk.isEntry) visit(chunk);
  return {
    startBytes: [...start].reduce((sum, { code }) => sum + gzipSync(code).length, 0),
    nodeModules: chunks.flatMap(({ moduleIds }) =>
      moduleIds.filter((id) => id.includes('__vite-browser-external')),
    ),
  };
}
