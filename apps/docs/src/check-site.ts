// Checks the built site: every link within it leads to a page and, with an anchor, to an element of
// that page, and no page loads anything from another host. VitePress itself checks pages only.
import { join } from 'node:path';
import { siteProblems } from './site-problems.ts';
import { dist } from './repository.ts';

const problems = await siteProblems(join(dist, 'site'), process.env.FIXRES_DOCS_BASE ?? '/');
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
