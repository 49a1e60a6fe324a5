import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { MEASURES, STAGE_NAMES, type Measure } from '../../../src/metrics/measures.js';
import { createPrometheus } from '../../../src/metrics/prometheus.js';
import { routeOf, statusClass } from '../../../src/metrics/routes.js';
import { STAGES } from '../../../src/turn.js';

const TABLE: readonly Measure[] = Object.values(MEASURES);
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the measures', () => {
  it('tell a count under its labels, and a time in seconds', async () => {
    const { meters, text } = createPrometheus({ node: false });
    meters.add('turns', { stage: 'askAgain', end: 'closed' });
    meters.took('turnStep', { step: 'commit' }, 30);
    const lines = linesOf(await text());
    expect(lines).toContain('sesame_turns_total{stage="askAgain",end="closed"} 1');
    expect(lines).toContain('sesame_turn_step_seconds_sum{step="commit"} 0.03');
    expect(lines).toContain('sesame_turn_step_seconds_bucket{le="0.025",step="commit"} 0');
    expect(lines).toContain('sesame_turn_step_seconds_bucket{le="0.05",step="commit"} 1');
  });

  it('tell whatever is on no list as other, and make no series of it', async () => {
    const { meters, text } = createPrometheus({ node: false });
    meters.learn('action', ['account.unlock']);
    meters.learn('outcome', ['unlocked']);
    fc.assert(fc.property(fc.string(), fc.string(), (one, two) => {
      meters.add('turns', { stage: one, end: two });
      meters.add('actions', { action: one, outcome: two });
      meters.add('storeFailures', { operation: one, code: two });
      meters.took('accept', { end: one }, 1);
      meters.set('outboxLate', { kind: one }, 1);
    }), { numRuns: 300 });
    meters.add('actions', { action: 'account.unlock', outcome: 'unlocked' });
    const labelled = linesOf(await text()).filter((line) => line.includes('{') && !line.includes('le='));
    expect([...new Set(labelled.map((line) => line.slice(0, line.lastIndexOf(' '))))].sort()).toEqual([
      'sesame_accept_seconds_count{end="other"}',
      'sesame_accept_seconds_sum{end="other"}',
      'sesame_actions_total{action="account.unlock",outcome="unlocked"}',
      'sesame_actions_total{action="other",outcome="other"}',
      'sesame_outbox_late_seconds{kind="other"}',
      'sesame_store_failures_total{operation="other",code="other"}',
      'sesame_turns_total{stage="other",end="other"}',
    ]);
  });

  it('are read even when one of them cannot be, or takes too long', async () => {
    const { meters, before, text } = createPrometheus({ node: false });
    before(() => { throw new Error('the store is gone'); });
    before(() => Promise.reject(new Error('the store is gone')));
    before(() => new Promise(() => undefined));
    meters.move('streams', 3);
    meters.move('streams', -1);
    expect(linesOf(await text())).toContain('sesame_streams 2');
  });

  it('know every stage of a turn', () => {
    expect(STAGES.map(({ name }) => name)).toEqual([...STAGE_NAMES]);
  });

  it('are each explained, in the runbook, to whoever reads them', () => {
    const runbook = readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'runbooks', 'mesures.md'), 'utf8');
    expect(TABLE.map(({ name }) => name).filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
    const told = [...runbook.matchAll(/`(sesame_\w+)`/g)].map(([, name]) => name);
    expect(told.filter((name) => !TABLE.some((measure) => measure.name === name))).toEqual([]);
  });

  it('have labels that no person, conversation or caisse could fit', () => {
    const labels = new Set(TABLE.flatMap((measure) => Object.keys(measure.labels)));
    expect([...labels].sort()).toEqual(['action', 'call', 'code', 'end', 'kind', 'operation', 'outcome', 'route', 'severity', 'stage', 'status', 'step']);
  });
});

describe('the name of a route', () => {
  it.each([
    ['/v3/directline/conversations/dl_abc/activities', 'activities'],
    ['/v3/directline/conversations/dl_abc', 'conversation'],
    ['/v3/directline/conversations/dl_abc/stream', 'stream'],
    ['/api/token', 'token'],
    ['/aide/conversation', 'aide'],
    ['/aidez', 'other'],
    ['/public/widget.js', 'files'],
    ['/demo/courrier/2', 'other'],
    ['/', 'pages'],
    ['', 'other'],
  ])('of %s is %s', (where, route) => {
    expect(routeOf(where)).toBe(route);
  });

  it('tells apart, among refusals, those that make somebody wait', () => {
    expect([200, 101, 304, 400, 404, 429, 500, 502, 503].map(statusClass)).toEqual(['2xx', '2xx', '3xx', '4xx', '4xx', '429', '5xx', '5xx', '503']);
  });
});
