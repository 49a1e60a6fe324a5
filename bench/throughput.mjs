// Turns a second and what a turn costs, side by side in one run, window by window in turn: an echo bot on the SDK's own path
// (nothing durable), and full turns of Sésame over Direct Line, each on disk before its acknowledgement, on its own store
// and on Redis. Each server is one process; the people are another. Ends with 1 where ours is under twice the echo.
//   npm run bench:throughput [-- --rounds 5 --seconds 4 --people 64 --only echo,embedded,redis --messages 1000]
// With --profile FOLDER each of our servers leaves a processor profile there, and is slower for it.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { median, printTable, quantile, startCrowd } from './load/crowd.mjs';
import { cpuMs, rssMb, startEcho, startRedis, startSesame } from './load/servers.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' }, people: { type: 'string', default: '64' }, only: { type: 'string', default: 'echo,embedded,redis' }, messages: { type: 'string', default: '1000' }, warm: { type: 'string', default: '5000' }, profile: { type: 'string' } } });
const [rounds, ms, count, messages] = [Number(values.rounds), Number(values.seconds) * 1000, Number(values.people), Number(values.messages)];
const TIMES_THE_ECHO = 2;
const node = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];

/** Everything with a `stop`, stopped in the end, last first. */
const started = [];
const keep = (one) => { started.push(one); return one; };

const contenders = {
  echo: { name: 'echo on the SDK, nothing durable', kind: 'echo', start: async () => ({ server: keep(await startEcho()) }) },
  embedded: { name: 'Sésame, its own store', kind: 'direct-line', start: async () => ({ server: keep(await startSesame({ node })) }) },
  redis: {
    name: 'Sésame, Redis (appendfsync always)',
    kind: 'direct-line',
    start: async () => {
      const redis = keep(await startRedis());
      return { server: keep(await startSesame({ node, env: { REDIS_URL: redis.url } })), beside: redis.pid };
    },
  },
};

async function prepare({ name, kind, start }) {
  const { server, beside } = await start();
  const crowd = keep(startCrowd());
  // After so many messages a conversation is left and another opened, with a greeting that counts for nothing here.
  await crowd.tell('open', { kind, url: server.url, count, connections: count, messages });
  // Until the compiler has seen what is hot, however slow the machine.
  await crowd.tell('closed', { ms: 30_000, turns: Number(values.warm) });
  return { name, server, beside, crowd, windows: [] };
}

async function measure({ server, beside, crowd, windows }) {
  const before = { own: cpuMs(server.pid), beside: beside ? cpuMs(beside) : 0, people: cpuMs(crowd.pid) };
  const from = performance.now();
  const { answer, ack } = await crowd.tell('closed', { ms });
  const took = performance.now() - from;
  const turns = answer.length;
  const spent = (pid, since) => (cpuMs(pid) - since) / turns;
  windows.push({ perSecond: (turns * 1000) / ms, p50: quantile(answer, 0.5), p99: quantile(answer, 0.99), ack: quantile(ack, 0.99), cpu: spent(server.pid, before.own), beside: beside ? spent(beside, before.beside) : 0, people: spent(crowd.pid, before.people), busy: (cpuMs(server.pid) - before.own) / took, rss: rssMb(server.pid) });
}

function report(measured) {
  const of = ({ windows }, what) => median(windows.map((window) => window[what]));
  process.stdout.write(`\n${count} people at once, ${rounds} windows of ${ms / 1000} s each in turn, medians of windows; ${cpus().length} cores; Node.js ${process.versions.node}; LOG_LEVEL=warn for all\n\n`);
  printTable([
    ['server', 'turns/s', 'p50 ms', 'p99 ms', 'ack p99', 'CPU ms/turn', 'Redis CPU', 'people CPU', 'core busy', 'RSS MB'],
    ...measured.map((one) => [one.name, of(one, 'perSecond').toFixed(0), of(one, 'p50').toFixed(1), of(one, 'p99').toFixed(1), of(one, 'ack').toFixed(1), of(one, 'cpu').toFixed(2), one.beside ? of(one, 'beside').toFixed(2) : '', of(one, 'people').toFixed(2), `${(of(one, 'busy') * 100).toFixed(0)} %`, of(one, 'rss').toFixed(0)]),
  ]);
  const [echo, ...ours] = measured;
  if (!values.only.includes('echo')) return true;
  process.stdout.write('\nturns/s beside the echo, window by window (median, least, most):\n');
  const ratios = ours.map((one) => {
    const each = one.windows.map(({ perSecond }, at) => perSecond / echo.windows[at].perSecond);
    process.stdout.write(`  ${one.name}: ${median(each).toFixed(2)} times (${Math.min(...each).toFixed(2)} to ${Math.max(...each).toFixed(2)}); CPU a turn ${(of(one, 'cpu') / of(echo, 'cpu')).toFixed(2)} times\n`);
    return median(each);
  });
  return ratios.every((ratio) => ratio >= TIMES_THE_ECHO);
}

try {
  const measured = [];
  for (const one of values.only.split(',')) measured.push(await prepare(contenders[one]));
  for (let round = 0; round < rounds; round += 1) for (const one of measured) await measure(one);
  process.exitCode = report(measured) ? 0 : 1;
} finally {
  for (const one of started.reverse()) await one.stop();
}
