// So many messages a second for a minute, whatever comes back: how long the acknowledgement and the answer take, and how long
// the event loop of the server was held up at most. Ends with 1 where what SECURITY 2.3 promises is not met.
//   npm run bench:steady [-- --seconds 60 --rate 50 --people 100 --store embedded|redis]
// --margin 10 lets everything take ten times as long: for a machine that does other things meanwhile.
import { parseArgs } from 'node:util';
import { printTable, quantile, startCrowd } from './load/crowd.mjs';
import { cpuMs, rssMb, startRedis, startSesame } from './load/servers.mjs';
import { askStalls, stallOptions } from './load/stalls.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, rate: { type: 'string', default: '50' }, people: { type: 'string', default: '100' }, store: { type: 'string', default: 'embedded' }, margin: { type: 'string', default: '1' } } });
const [ms, perSecond, count] = [Number(values.seconds) * 1000, Number(values.rate), Number(values.people)];
/** Milliseconds. */
const PROMISED = { ackP50: 20, ackP99: 150, ackMax: 1000, answerP95: 500, answerP99: 1000, stall: 50 };

const started = [];
const keep = (one) => { started.push(one); return one; };
try {
  const redis = values.store === 'redis' ? keep(await startRedis()) : undefined;
  const { env, node, file } = stallOptions();
  const server = keep(await startSesame({ env: { ...env, ...(redis ? { REDIS_URL: redis.url } : {}) }, node }));
  const crowd = keep(startCrowd());
  await crowd.tell('open', { kind: 'direct-line', url: server.url, count });
  await crowd.tell('open_loop', { ms: Math.min(ms, 5000), perSecond });
  await askStalls(server.pid, file);
  const cpu = cpuMs(server.pid);
  const { ack, answer, errors } = await crowd.tell('open_loop', { ms, perSecond });
  const stalls = await askStalls(server.pid, file);
  const used = (cpuMs(server.pid) - cpu) / answer.length;
  process.stdout.write(`\n${perSecond} messages/s for ${ms / 1000} s, open loop, ${count} conversations, ${values.store} store; ${answer.length} answers, ${errors.length} errors; CPU ${used.toFixed(2)} ms a turn; RSS ${rssMb(server.pid).toFixed(0)} MB\n\n`);
  printTable([
    ['', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
    ...Object.entries({ acknowledgement: ack, answer }).map(([name, times]) => [name, ...[0.5, 0.95, 0.99, 1].map((part) => quantile(times, part).toFixed(1))]),
    ['event loop held up', '', '', stalls.p99Ms.toFixed(1), stalls.longestMs.toFixed(1)],
  ]);
  const missed = Object.entries({
    ackP50: quantile(ack, 0.5), ackP99: quantile(ack, 0.99), ackMax: quantile(ack, 1), answerP95: quantile(answer, 0.95), answerP99: quantile(answer, 0.99), stall: stalls.longestMs,
  }).filter(([name, value]) => value > PROMISED[name] * Number(values.margin));
  for (const [name, value] of missed) process.stdout.write(`\n${name}: ${value.toFixed(1)} ms, promised ${PROMISED[name]} ms\n`);
  for (const error of errors.slice(0, 3)) process.stdout.write(`${error}\n`);
  process.exitCode = missed.length + errors.length > 0 ? 1 : 0;
} finally {
  for (const one of started.reverse()) await one.stop();
}
