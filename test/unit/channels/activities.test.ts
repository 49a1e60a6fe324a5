/** What an entry looks like on the wire, and what an activity means in the house. */
import { Refusal, toActivities, toRefusal, toUtterance } from '../../../src/channels/activities.js';
import { SesameError } from '../../../src/conversation/errors.js';
import type { TranscriptEntry } from '../../../src/conversation/transcript.js';
import { FORM } from '../../support/web-door.js';

const at = Date.UTC(2026, 10, 23, 9, 0, 0);
const viewer = { conversationId: 'c1', user: 'dl_alice', labels: { fieldMissing: 'Ce champ est à remplir.' } };
const hearing = { conversationId: 'c1', at, freshId: 'fresh' };

const said: TranscriptEntry = { seq: 2, author: 'person', at, utteranceId: 'u1', text: 'Bonjour', clientTag: 't1' };
const answered: TranscriptEntry = {
  seq: 3,
  author: 'assistant',
  at: at + 1500,
  inReplyTo: 'u1',
  reply: { kind: 'text', text: 'Choisissez.', choices: ['Oui', 'Non'] },
};

describe('an entry on the wire', () => {
  it('keeps the words of the person, and the mark of their client', () => {
    expect(toActivities([said], viewer)).toEqual([
      {
        type: 'message',
        id: 'c1|0000002',
        timestamp: '2026-11-23T09:00:00.000Z',
        channelId: 'directline',
        conversation: { id: 'c1' },
        from: { id: 'dl_alice', role: 'user' },
        locale: 'fr-FR',
        textFormat: 'plain',
        text: 'Bonjour',
        channelData: { clientActivityID: 't1' },
      },
    ]);
  });

  it('shows choices as buttons and names what it answers', () => {
    const [, activity] = toActivities([said, answered], viewer);
    expect(activity).toMatchObject({
      id: 'c1|0000003',
      timestamp: '2026-11-23T09:00:01.500Z',
      from: { id: 'sesame', name: 'Sésame', role: 'bot' },
      textFormat: 'markdown',
      replyToId: 'c1|0000002',
      suggestedActions: { actions: [{ type: 'imBack', title: 'Oui', value: 'Oui' }, { type: 'imBack', title: 'Non', value: 'Non' }] },
      inputHint: 'expectingInput',
    });
  });

  it('expects an answer after the last entry only, and never after the person', () => {
    const hints = toActivities([answered, { ...answered, seq: 4 }], viewer).map(({ inputHint }) => inputHint);
    expect(hints).toEqual([undefined, 'expectingInput']);
    expect(toActivities([answered, { ...said, seq: 4 }], viewer).at(-1)).not.toHaveProperty('inputHint');
  });

  it('remembers from one batch to the next what a reply answers, and says nothing when it does not know', () => {
    const heard = new Map<string, number>();
    toActivities([said], viewer, heard);
    expect(toActivities([answered], viewer, heard)[0]?.replyToId).toBe('c1|0000002');
    expect(toActivities([answered], viewer)[0]).not.toHaveProperty('replyToId');
  });

  it('remembers a bounded number of utterances', () => {
    const heard = new Map<string, number>();
    const many = Array.from({ length: 500 }, (_, index): TranscriptEntry => ({ ...said, seq: index + 1, utteranceId: `u${String(index)}` }));
    toActivities(many, viewer, heard);
    expect(heard.size).toBeLessThan(100);
    expect(heard.get('u499')).toBe(500);
  });

  it('shows an adviser under their name', () => {
    const [activity] = toActivities([{ seq: 1, author: 'adviser', at, name: 'Camille', text: 'Bonjour *vous*' }], viewer);
    expect(activity).toMatchObject({ from: { id: 'adviser', name: 'Camille', role: 'bot' }, text: 'Bonjour *vous*', textFormat: 'plain' });
  });

  it('shows a form as a card, and a form that was sent by its title alone', () => {
    const [asked, sent] = toActivities(
      [
        { seq: 1, author: 'assistant', at, reply: FORM },
        { seq: 2, author: 'person', at, utteranceId: 'u2', form: FORM.title },
      ],
      viewer,
    );
    expect(asked?.attachments?.map(({ contentType }) => contentType)).toEqual(['application/vnd.microsoft.card.adaptive']);
    expect(asked).not.toHaveProperty('suggestedActions');
    expect(sent?.text).toBe(FORM.title);
  });
});

describe('an activity heard', () => {
  it('becomes words, with everything a client may not choose overwritten', () => {
    const body = { type: 'message', text: ' Bonjour ', from: { id: 'x' }, conversation: { id: 'other' }, timestamp: 'no', channelId: 'msteams', locale: 'en' };
    expect(toUtterance(body, hearing)).toEqual({ kind: 'words', id: 'fresh', conversationId: 'c1', channel: 'web', at, text: ' Bonjour ' });
  });

  it('takes its id from the mark of the client, then from the activity', () => {
    const marked = toUtterance({ type: 'message', text: 'a', id: 'second', channelData: { clientActivityID: 'first' } }, hearing);
    expect(marked).toMatchObject({ id: 'first', clientTag: 'first' });
    const named = toUtterance({ type: 'message', text: 'a', id: 'second', channelData: 'x' }, hearing);
    expect(named).toMatchObject({ id: 'second' });
    expect(named).not.toHaveProperty('clientTag');
  });

  it('becomes a form when it holds a place, and words when it holds something to say', () => {
    const form = toUtterance({ type: 'message', value: { place: 'p1', nir: '1', birth: '' } }, hearing);
    expect(form).toMatchObject({ kind: 'form', place: 'p1', values: { nir: '1', birth: '' } });
    const way = toUtterance({ type: 'message', value: { say: 'Annuler', msteams: { type: 'imBack', value: 'Annuler' } } }, hearing);
    expect(way).toMatchObject({ kind: 'words', text: 'Annuler' });
  });

  it('keeps odd field names as plain fields', () => {
    const form = toUtterance({ type: 'message', value: { place: 'p1', constructor: 'x', toString: 'y' } }, hearing);
    expect(form).toHaveProperty('values', { constructor: 'x', toString: 'y' });
  });

  it.each(['event', 'typing', 'conversationUpdate', 'endOfConversation'])('is passed over when it is a mere %s', (type) => {
    expect(toUtterance({ type }, hearing)).toBeUndefined();
  });

  it('is refused without quoting what was sent', () => {
    const refused = () => toUtterance({ type: 'message', value: { place: 'p', nir: { secret: '2550814168025' } } }, hearing);
    expect(refused).toThrow(Refusal);
    expect(refused).not.toThrow(/2550814168025/);
  });
});

describe('what was thrown, as a client is told', () => {
  it.each<[unknown, number, string]>([
    [new Refusal('BadSyntax', 'no'), 400, 'BadSyntax'],
    [new SesameError('store-unavailable', 'disk full'), 503, 'ServiceUnavailable'],
    [new SesameError('store-closed', 'closing'), 503, 'ServiceUnavailable'],
    [new SesameError('conversation-unknown', 'c9'), 404, 'ConversationNotFound'],
    [new SesameError('backend-rejected', 'bad token'), 500, 'ServiceError'],
    [new TypeError('x is not a function'), 500, 'ServiceError'],
    ['a string', 500, 'ServiceError'],
  ])('%s', (thrown, status, code) => {
    const refusal = toRefusal(thrown);
    expect([refusal.status, refusal.body.error.code]).toEqual([status, code]);
    if (refusal !== thrown) expect(refusal.message).not.toMatch(/disk|closing|c9|token|function|string/);
  });
});
