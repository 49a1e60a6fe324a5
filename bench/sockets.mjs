// Ten thousand open conversations, each with a WebSocket and some words said in it: the memory of the server, and what it
// answers meanwhile. The people are in several processes, which are not measured. Ends with 1 past 600 MB.
//   npm run bench:sockets [-- --conversations 10000 --seconds 20 --rate 50 --processes 2]
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { printTable, quantile, startCrowd } from './load/crowd.mjs';
import { rssMb, startSesame } from './load/servers.mjs';
import { askStalls, stallOptions } from './load/stalls.mjs';

const { values } = parseArgs({ options: { conversations: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '20' }, rate: { type: 'string', default: '50' }, processes: { type: 'string', default: '2' } } });
const [count, ms, perSecond, processes] = [Number(values.conversations), Number(values.seconds) * 1000, Number(values.rate), Number(values.processes)];
const MOST_MB = 600;

raiseLimit(count + 1_000);
const started = [];
const keep = (one) => { started.push(one); return one; };
const all = (crowds, order, given) => Promise.all(crowds.map((crowd) => crowd.tell(order, given)));
try {
  const { env, node, file } = stallOptions();
  const server = keep(await startSesame({ env, node }));
  const memory = async () => ({ rss: rssMb(server.pid), ...(await askStalls(server.pid, file)) });
  const crowds = Array.from({ length: processes }, () => keep(startCrowd()));
  // The first words make the server read all that it reads once.
  const warm = keep(startCrowd());
  await warm.tell('open', { kind: 'direct-line', url: server.url, count: 20 });
  await warm.tell('closed', { ms: 5000, turns: Math.min(count, 2000) });
  const before = await memory();
  const share = Math.ceil(count / processes);
  const from = performance.now();
  await all(crowds, 'open', { kind: 'direct-line', url: server.url, count: share, connections: 16, atOnce: 16 });
  const opened = await memory();
  process.stdout.write(`${share * processes} conversations opened in ${((performance.now() - from) / 1000).toFixed(0)} s\n`);
  await all(crowds, 'each', { atOnce: 16 });
  const said = await memory();
  const loads = await all(crowds, 'open_loop', { ms, perSecond: perSecond / processes });
  const after = await memory();
  const [ack, answer] = ['ack', 'answer'].map((what) => loads.flatMap((load) => [...load[what]]));
  const errors = loads.flatMap((load) => load.errors);
  process.stdout.write(`\n${share * processes} conversations, a WebSocket each; then ${perSecond} messages/s for ${ms / 1000} s: ${answer.length} answers, ${errors.length} errors\n`);
  process.stdout.write(`answer p50 ${quantile(answer, 0.5).toFixed(1)} ms, p99 ${quantile(answer, 0.99).toFixed(1)} ms; acknowledgement p99 ${quantile(ack, 0.99).toFixed(1)} ms; event loop held up ${after.longestMs.toFixed(0)} ms at most\n\n`);
  const line = (name, { rss, heapMb, externalMb }) => [name, rss.toFixed(0), heapMb.toFixed(0), externalMb.toFixed(0), Math.round(((rss - before.rss) * 1e6) / (share * processes))];
  printTable([
    ['memory of the server', 'RSS MB', 'heap MB', 'external MB', 'RSS bytes a conversation'],
    [...line('20 conversations, warm', before).slice(0, 4), ''],
    line('all open', opened),
    line('each has said something', said),
    line('after the traffic', after),
  ]);
  for (const error of errors.slice(0, 3)) process.stdout.write(`${error}\n`);
  process.exitCode = Math.max(said.rss, after.rss) > MOST_MB || errors.length > 0 ? 1 : 0;
} finally {
  for (const one of started.reverse()) await one.stop();
}

/** A socket is a file: as many as that may be open here and in all that is started from here. */
function raiseLimit(files) {
  const limit = spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${Math.max(files, 65_536)}`], { encoding: 'utf8' });
  if (limit.status === 0) return;
  const now = Number(spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout);
  if (now < files) throw new Error(`only ${now} files may be open: raise it with "ulimit -n ${files}" and run again`);
}
