// Loaded into a measured process by `--require`: writes down its resource usage at exit. CommonJS,
// because that costs less than a millisecond.
const { appendFileSync } = require('node:fs');
const process = require('node:process');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = {
    pid: process.pid,
    ms: (userCPUTime + systemCPUTime) / 1000,
    peakRssMb: maxRSS / 1024,
  };
  appendFileSync(process.env.FIXRES_BENCH_USAGE, `${JSON.stringify(usage)}\n`);
});
