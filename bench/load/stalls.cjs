// Loaded before the server by `node --require`, and by benchmarks only: tells its parent, when asked by SIGUSR2, how long the
// event loop was held up at most since it was last asked. Never part of what is delivered.
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay, performance } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

const file = process.env.BENCH_STALLS;
if (isMainThread && file) {
  const RESOLUTION_MS = 5;
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let busy = performance.eventLoopUtilization();
  process.on('SIGUSR2', () => {
    const { utilization } = performance.eventLoopUtilization(busy);
    busy = performance.eventLoopUtilization();
    // The timer itself sleeps for its resolution: only what comes on top is a stall.
    const over = (ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(file, JSON.stringify({ longestMs: over(delays.max), p99Ms: over(delays.percentile(99)), busy: utilization, heapMb: heapUsed / 1e6, externalMb: external / 1e6 }));
    delays.reset();
  });
}
