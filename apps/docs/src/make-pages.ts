// Gathers and makes all pages of the site in dist/pages, from which VitePress builds it. With --api
// also the pages of the API, which take as long as all others together.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gatherPages } from './pages/gather-pages.ts';
import { sidebars } from './pages/sidebar.ts';
import { makeApiOverview, makeApiPages } from './reference/api.ts';
import { makeReference } from './reference/make-reference.ts';
import { dist } from './repository.ts';

const pages = join(dist, 'pages');
const api = join(pages, 'reference', 'api');
await rm(pages, { recursive: true, force: true });
await gatherPages(pages);
await makeReference(join(pages, 'reference'));
await (process.argv.includes('--api') ? makeApiPages(api) : makeApiOverview(api));
await writeFile(join(dist, 'sidebars.json'), JSON.stringify(sidebars(pages)));
