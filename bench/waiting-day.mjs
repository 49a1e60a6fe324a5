// A day at the advisers' desk, simulated: who asks when, who answers, who goes to lunch, who gives up. The estimator is
// handed in and sees only what the desk sees. Times in minutes from the opening at 9.

/** Share of the requests in each hour from 9 to 17: two peaks, a hollow at noon. */
const curve = [0.16, 0.17, 0.12, 0.07, 0.09, 0.17, 0.15, 0.07];
const closing = 60 * curve.length;

function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // The low bits of such a sequence repeat: the high ones are stirred into them.
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x45d9f3b);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
  };
}

function drawsFrom(seed) {
  const random = randomFrom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return {
    random,
    between: (low, high) => low + (high - low) * random(),
    exponential: (mean) => -Math.log(1 - random()) * mean,
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
  };
}

function arrivalsOf(requests, { random }) {
  return Array.from({ length: requests }, () => {
    let share = random() * curve.reduce((sum, part) => sum + part, 0);
    const hour = curve.findIndex((part) => (share -= part) < 0);
    return 60 * (hour < 0 ? curve.length - 1 : hour) + 60 * random();
  }).sort((a, b) => a - b);
}

/** One to three conversations at once, two short breaks and a lunch; on the cruel day half of them leave at noon. */
function staffOf({ advisers, cruel }, { random, between }) {
  return Array.from({ length: advisers }, (_, id) => {
    const pauses = [[between(45, 150), 15], [between(150, 260), 45], [between(300, 420), 15]].map(([from, length]) => ({ from, to: from + length }));
    if (cruel && id % 2 === 0) pauses.push({ from: 180, to: Infinity });
    return { id, capacity: 1 + Math.floor(3 * random()), pauses, held: new Set() };
  });
}

const isThere = ({ pauses }, now) => !pauses.some(({ from, to }) => now >= from && now < to);

/** Plays one day and gives every person: what was told, how long they waited, whether an adviser came. */
export function playDay({ seed, requests, advisers, cruel = false, history = [], estimator, day = 1 }) {
  const draws = drawsFrom(seed);
  const staff = staffOf({ advisers, cruel }, draws);
  const queue = [];
  const people = [];
  const past = [...history];
  const events = [];
  const patienceOf = () => draws.exponential(60);
  let [waitedInAll, gaveUp] = [0, 0];
  const plan = (at, what) => {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (events[middle].at > at) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, { at, what });
  };

  function viewAt(now, ahead) {
    const present = staff.filter((adviser) => isThere(adviser, now));
    return {
      ahead,
      servers: present.reduce((sum, { capacity }) => sum + capacity, 0),
      busyFor: present.flatMap(({ held }) => [...held].map(({ from }) => now - from)),
      history: past.slice(0, 300),
      ...(gaveUp > 20 ? { abandonment: gaveUp / waitedInAll } : {}),
    };
  }

  function arrive(now) {
    const person = { id: `day${day}-seed${seed}-${people.length}`, at: now, served: false };
    person.told = estimator.predict(person.id, viewAt(now, queue.length));
    people.push(person);
    queue.push(person);
    plan(now + patienceOf(), giveUp(person));
    lookAll(now);
  }

  const giveUp = (person) => (now) => {
    const place = queue.indexOf(person);
    if (place < 0) return;
    queue.splice(place, 1);
    estimator.forget(person.id);
    waitedInAll += now - person.at;
    gaveUp += 1;
    person.waited = now - person.at;
  };

  /** Everyone with a hand free has seen the queue a moment later, some sooner than others. */
  function lookAll(now) {
    for (const adviser of staff) look(adviser, now);
  }

  function look(adviser, now) {
    if (adviser.looking || adviser.held.size >= adviser.capacity || queue.length === 0 || !isThere(adviser, now)) return;
    adviser.looking = true;
    plan(now + draws.between(0.1, 1.2), (later) => {
      adviser.looking = false;
      if (queue.length > 0 && isThere(adviser, later)) take(adviser, queue.shift(), later);
    });
  }

  function take(adviser, person, now) {
    Object.assign(person, { served: true, waited: now - person.at });
    waitedInAll += person.waited;
    estimator.observe(person.id, person.waited);
    const conversation = { from: now };
    // Three at once are slower than three in turn.
    const slower = (1 + 0.15 * adviser.held.size) * (cruel && now >= 360 ? 2 : 1);
    adviser.held.add(conversation);
    plan(now + draws.logNormal(11.5, 0.6) * slower, (end) => {
      adviser.held.delete(conversation);
      past.unshift(end - conversation.from);
      look(adviser, end);
    });
    look(adviser, now);
  }

  // What the desk's own round does each minute.
  for (let minute = 1; minute < closing; minute += 1) plan(minute, (now) => queue.forEach(({ id, at }) => estimator.waiting(id, now - at)));
  for (const at of arrivalsOf(requests, draws)) plan(at, arrive);
  for (const adviser of staff) for (const { to } of adviser.pauses) if (to < Infinity) plan(to, (now) => look(adviser, now));
  for (let next = events.pop(); next; next = events.pop()) next.what(next.at);
  return { people, history: past };
}

/** What became of the ranges told. Served people only: nobody knows how long the others would have waited. */
export function judge(people, holds) {
  const served = people.filter((person) => person.served);
  const ranges = served.filter(({ told }) => told.kind === 'range');
  const long = served.filter(({ told }) => told.kind === 'long');
  const mean = (list, of) => (list.length === 0 ? NaN : list.reduce((sum, each) => sum + of(each), 0) / list.length);
  return {
    asked: people.length,
    served: served.length,
    ranges: ranges.length,
    coverage: mean(ranges, ({ told, waited }) => (holds(told, waited) ? 1 : 0)),
    sooner: mean(ranges, ({ told, waited }) => (waited < told.least ? 1 : 0)),
    later: mean(ranges, ({ told, waited }) => (waited > told.most ? 1 : 0)),
    width: mean(ranges, ({ told }) => told.most - told.least),
    waited: mean(served, ({ waited }) => waited),
    long: long.length,
    longHeld: mean(long, ({ told, waited }) => (holds(told, waited) ? 1 : 0)),
    nobody: served.length - ranges.length - long.length,
  };
}

export const hourOf = ({ at }) => 9 + Math.floor(at / 60);
