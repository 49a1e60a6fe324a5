// The load, in a process of its own: people who talk to one server, either each as soon as the answer came (closed loop),
// or so many messages a second whatever comes back (open loop). Told what to do by its parent, message by message.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openChannel } from './connector.mjs';
import { openLine } from './direct-line.mjs';
import { root } from './servers.mjs';

/** The sentences that understanding is evaluated on, in an order that mixes subjects and is the same for every server. */
const sentences = readFileSync(join(root, 'test/knowledge/utterances.tsv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split('\t')[1]);
/** Shares no factor with any length near ours: each person walks all sentences, from a place of their own. */
const STRIDE = 211;
let walked = 0;
const nextSentence = () => sentences[(walked++ * STRIDE) % sentences.length];

const people = [];
let line;
/** Conversations that come to their end are opened again, so that none grows longer than people's do. */
const said = new Map();
let messagesEach = Infinity;

const orders = {
  /** `kind`: echo or direct-line. `atOnce`: how many conversations are being opened at the same moment. */
  async open({ kind, url, count, atOnce = 16, connections = 64, messages = Infinity }) {
    messagesEach = messages;
    if (kind === 'echo') {
      line = await openChannel(url, count);
      for (let n = 0; n < count; n += 1) people.push(line.person());
      return {};
    }
    line = openLine(url, connections);
    const open = async () => { while (people.length + opening < count) await openOne(); };
    await Promise.all(Array.from({ length: atOnce }, open));
    return {};
  },
  /** Everybody says something once, no more than `atOnce` at a time. */
  async each({ atOnce = 32 }) {
    let next = 0;
    const talk = async () => { while (next < people.length) await people[next++].say(nextSentence()); };
    await Promise.all(Array.from({ length: atOnce }, talk));
    return {};
  },
  /** For so long, or until so many turns are done. */
  async closed({ ms, turns = Infinity }) {
    const end = performance.now() + ms;
    const times = { ack: [], answer: [] };
    await Promise.all(people.map(async (_person, at) => {
      while (performance.now() < end && times.answer.length < turns) {
        const { ack, answer } = await talk(at);
        if (performance.now() > end) return;
        times.ack.push(ack);
        times.answer.push(answer);
      }
    }));
    return times;
  },
  /** Each message has its moment, whether the one before was answered or not; a person with a message under way is passed over. */
  async open_loop({ ms, perSecond }) {
    const started = performance.now();
    const times = { ack: [], answer: [], errors: [] };
    const under = new Set();
    const busy = new Set();
    for (let n = 0; performance.now() - started < ms; n += 1) {
      await wait(Math.max(0, started + (n * 1000) / perSecond - performance.now()));
      // Everybody waits for an answer: what this message waits counts as well.
      while (busy.size === people.length) await wait(1);
      let at = n % people.length;
      while (busy.has(at)) at = (at + 1) % people.length;
      busy.add(at);
      const late = performance.now() - (started + (n * 1000) / perSecond);
      const turn = people[at].say(nextSentence()).then(
        // Somebody whose message left late waited for that as well.
        ({ ack, answer }) => { times.ack.push(ack + late); times.answer.push(answer + late); },
        (error) => { times.errors.push(String(error)); },
      ).finally(() => { under.delete(turn); busy.delete(at); });
      under.add(turn);
    }
    await Promise.all(under);
    return times;
  },
};

let opening = 0;
async function openOne() {
  opening += 1;
  try {
    people.push(await line.person());
  } finally {
    opening -= 1;
  }
}

async function talk(at) {
  const person = people[at];
  const times = await person.say(nextSentence());
  const count = (said.get(person) ?? 0) + 1;
  said.set(person, count);
  if (count >= messagesEach) {
    said.delete(person);
    person.leave();
    people[at] = await line.person();
  }
  return times;
}

process.on('message', ({ number, order, given }) => {
  orders[order](given).then(
    (result) => process.send({ number, result }),
    (error) => process.send({ number, error: String(error.stack) }),
  );
});
process.once('disconnect', () => process.exit(0));
