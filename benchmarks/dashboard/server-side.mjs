// Runs the server in a separate process: `node server-side.mjs MODULE RUNS`. Prints its address,
// and its processor time on request.
import { pathToFileURL } from 'node:url';

const [module, runs] = process.argv.slice(2);
const { startDashboard } = await import(pathToFileURL(module).href);
const { url } = await startDashboard({ runs, port: 0 });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage().rss / 2 ** 20 });
});
process.send({ url });
