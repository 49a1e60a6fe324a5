/** A secret in pieces, one message each, and ids made of somebody's data. */
import { createMarks } from '../../../src/redaction/marks.js';
import { createMask, MASK } from '../../../src/redaction/mask.js';
import { createListener, createSharedListener, type Piece } from '../../../src/redaction/split.js';

const mask = createMask(() => Date.UTC(2026, 10, 23));
const SECOND = 1_000;

/** What is kept of messages that one person sends, so many milliseconds apart. */
function kept(messages: readonly string[], apart = 5 * SECOND): readonly string[] {
  const listen = createListener(mask);
  return messages.map((text, turn) => listen(text, { conversationId: 'c', at: turn * apart }).text);
}

describe('a secret in pieces', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['2 55 08', '14 168 025 38'], ['2 55 08', MASK]],
    [['mon numéro : 2 55 08 14', '168 025 38'], [`mon numéro : ${MASK}`, MASK]],
    [['c’est 2550', '814168025 merci'], ['c’est 2550', `${MASK} merci`]],
    [['2 55', '08 14', '168', '025 38'], ['2 55', MASK, MASK, MASK]],
    [['deux cinquante-cinq', 'zéro huit quatorze 168 025'], ['deux cinquante-cinq', MASK]],
    [['4111 1111', '1111 1111'], [MASK, MASK]],
    [['06 12', '34 56 78'], ['06 12', MASK]],
    [['7319', '0462'], ['7319', MASK]],
  ])('is masked from the piece on that gives it away: %j', (messages, expected) => {
    expect(kept(messages)).toEqual(expected);
  });

  it.each<[readonly string[]]>([[['3', '75011', '12']], [['69003', '36 46']], [['j’ai essayé 3 fois', '4 fois']], [['le 12/03/2026', '10h30']]])('is not seen in answers to several questions: %j', (messages) => {
    expect(kept(messages)).toEqual(messages);
  });

  it('is forgotten after a few minutes, and never looked for in another conversation', () => {
    expect(kept(['2 55 08', '14 16'], 240 * SECOND)).toEqual(['2 55 08', '14 16']);
    const listen = createListener(mask);
    listen('2 55 08', { conversationId: 'one', at: 0 });
    expect(listen('14 16', { conversationId: 'other', at: 0 }).text).toBe('14 16');
    expect(listen('14 16', { conversationId: 'one', at: 0 }).text).toBe(MASK);
  });

  it('is not looked for past words that came between', () => {
    expect(kept(['2 55 08', 'que faire ?', '14 16'])).toEqual(['2 55 08', 'que faire ?', '14 16']);
  });
});

describe('a secret in pieces that several processes hear', () => {
  /** Each piece is heard by another process than the one before. */
  async function keptByTurns(messages: readonly string[], processes: number, apart = 5 * SECOND): Promise<readonly string[]> {
    const transcript: Piece[] = [];
    const listeners = Array.from({ length: processes }, () => createSharedListener(mask, (_conversation, after) => Promise.resolve(transcript.filter(({ seq }) => seq > after))));
    for (const [turn, message] of messages.entries()) {
      const { text } = await listeners[turn % processes]!(message, { conversationId: 'c', at: turn * apart });
      transcript.push({ text, at: turn * apart, seq: turn + 1 });
    }
    return transcript.map(({ text }) => text);
  }

  it('is masked from the piece on that gives it away', async () => {
    expect(await keptByTurns(['2 55 08', '14 168 025 38'], 2)).toEqual(['2 55 08', MASK]);
    expect(await keptByTurns(['2 55', '08 14', '168', '025 38'], 1)).toEqual(['2 55', MASK, MASK, MASK]);
    expect(await keptByTurns(['deux cinquante-cinq', 'zéro huit quatorze 168 025'], 2)).toEqual(['deux cinquante-cinq', MASK]);
  });

  it('is looked for in what was said since, however long the conversation is', async () => {
    const asked: number[] = [];
    const listen = createSharedListener(mask, (_conversation, after) => {
      asked.push(after);
      return Promise.resolve([{ text: 'il y a 2 jours', at: 0, seq: after + 40 }]);
    });
    for (const at of [1, 2, 3]) await listen('depuis 2 jours', { conversationId: 'c', at: at * SECOND });
    await listen('bonjour', { conversationId: 'c', at: 4 * SECOND });
    await listen('depuis 2 jours', { conversationId: 'other', at: 5 * SECOND });
    expect(asked).toEqual([0, 40, 80, 0]);
  });

  it('is not seen where there is none, nor long after', async () => {
    expect(await keptByTurns(['69003', '36 46'], 2)).toEqual(['69003', '36 46']);
    expect(await keptByTurns(['2 55 08', '14 16'], 2, 240 * SECOND)).toEqual(['2 55 08', '14 16']);
    expect(await keptByTurns(['2 55 08', 'que faire ?', '14 16'], 3)).toEqual(['2 55 08', 'que faire ?', '14 16']);
  });
});

describe('an id that a client chose', () => {
  const mark = createMarks({ key: Buffer.alloc(32, 1), mask });

  it.each(['tag-1', 'k3x9f2a1b7q', 'a7c1f9f0-5b1e-4c55-9a21-0f6d2a3b4c5d', '25508141-6802-4538-8111-111111111111', 'dl_alice', 'qc9jppe4d4', 'ukyj0t8i01', 'plbdkoanicfmghejahdkpbmnoc', 'tag of bonjour', 'act:17'])('is kept where it is nobody’s data: %s', (given) => {
    expect(mark(given)).toBe(given);
  });

  it.each(['2550814168025', '2-55-08-14-168-025-38', 'jean.dupont@exemple.fr', 'user 12/03/1955', '0612345678', 'FR7630006000011234567890189', 'mdp:Soleil2024', 'KX7T2-M9QRB', 'code-73190462'])('is kept as a hash otherwise: %s', (given) => {
    expect(mark(given)).toMatch(/^h-[\w-]{43}$/);
    expect([mark(given) === mark(given), createMarks({ key: Buffer.alloc(32, 2), mask })(given) === mark(given)]).toEqual([true, false]);
  });
});
