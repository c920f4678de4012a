import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { auditProject } from './audit.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-audit-'));
  const project = { name: 'audited', version: '1.0.0', dependencies: { zod: '4.0.0' } };
  const packages = { '': project, 'node_modules/zod': { version: '4.0.0' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await writeFile(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...project, lockfileVersion: 3, requires: true, packages }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A registry that answers everything in the same way, as long as the test runs. */
async function registryWith(status: number, body: string): Promise<Server> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return server;
}

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

it('has a result only from a registry that answers, and a short reason from others', async () => {
  const answering = await registryWith(200, '{}');
  expect(await auditProject(folder, urlOf(answering))).toEqual({ severe: [] });
  const refusing = await registryWith(405, '');
  expect(await auditProject(folder, urlOf(refusing))).toEqual({
    unavailable: '405 Method Not Allowed',
  });
  const gone = urlOf(refusing);
  await new Promise((resolve) => refusing.close(resolve));
  expect(await auditProject(folder, gone)).toEqual({ unavailable: 'ECONNREFUSED' });
});
