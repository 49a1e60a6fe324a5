/**
 * The measures, kept by prom-client and told in the format of Prometheus: the only home of that library. It holds every
 * label to its closed list; what is measured, and when, is not decided here.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { MEASURES, type Measure, type Meters } from './measures.js';

export interface Prometheus {
  readonly meters: Meters;
  /** Runs before each reading, for what is known only when asked. One that fails leaves its value out. */
  readonly before: (read: () => Promise<void> | void) => void;
  readonly text: () => Promise<string>;
  readonly contentType: string;
}

const OTHER = 'other';

/** A reading may not wait for a store that does not answer. */
const READ_WITHIN_MS = 1_000;

type Kept = Counter | Gauge | Histogram;
type Given = Readonly<Record<string, string>>;

/** Each call makes a registry of its own. `node`: with the measures of Node.js itself, such as memory and the event loop. */
export function createPrometheus({ node = true }: { readonly node?: boolean } = {}): Prometheus {
  const registry = new Registry();
  if (node) collectDefaultMetrics({ register: registry });
  const kept = new Map<string, Kept>(Object.entries(MEASURES).map(([name, measure]) => [name, keep(measure, registry)]));
  const lists = createLists();
  const readers: (() => Promise<void> | void)[] = [];
  const meters: Meters = {
    add(measure, labels) {
      const counter = kept.get(measure);
      if (counter instanceof Counter) counter.inc(lists.closed(measure, labels));
    },
    took(measure, labels, ms) {
      const histogram = kept.get(measure);
      if (histogram instanceof Histogram) histogram.observe(lists.closed(measure, labels), Math.max(0, ms) / 1000);
    },
    move(measure, by) {
      const gauge = kept.get(measure);
      if (gauge instanceof Gauge) gauge.inc(by);
    },
    set(measure, labels, value) {
      const gauge = kept.get(measure);
      if (gauge instanceof Gauge) gauge.set(lists.closed(measure, labels), value);
    },
    learn: lists.learn,
  };
  return {
    meters,
    before: (read) => void readers.push(read),
    async text() {
      await Promise.all(readers.map(readInTime));
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function keep({ kind, name, help, labels, buckets }: Measure, registry: Registry): Kept {
  const settings = { name, help, labelNames: Object.keys(labels), registers: [registry] };
  switch (kind) {
    case 'counter':
      return new Counter(settings);
    case 'gauge':
      return new Gauge(settings);
    case 'histogram':
      return new Histogram({ ...settings, ...(buckets ? { buckets: [...buckets] } : {}) });
  }
}

interface Lists {
  closed(measure: keyof typeof MEASURES, labels: Given): Record<string, string>;
  readonly learn: Meters['learn'];
}

/** What is on no list is `other`: so many series there can be, and no more, whatever comes in. */
function createLists(): Lists {
  const table: Readonly<Record<string, Measure>> = MEASURES;
  const allowed = new Map(Object.entries(table).map(([name, { labels }]) => [name, new Map(Object.entries(labels).map(([label, values]) => [label, new Set(values)]))]));
  return {
    closed(measure, given) {
      const held: Record<string, string> = {};
      for (const [label, values] of allowed.get(measure) ?? []) {
        const value = given[label] ?? OTHER;
        held[label] = values.has(value) ? value : OTHER;
      }
      return held;
    },
    learn(label, values) {
      for (const labels of allowed.values()) for (const value of values) labels.get(label)?.add(value);
    },
  };
}

async function readInTime(read: () => Promise<void> | void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, READ_WITHIN_MS).unref(); });
  try {
    await Promise.race([read(), late]);
  } catch {
    // The other measures are worth having all the more when one of them cannot be read.
  } finally {
    clearTimeout(timer);
  }
}
