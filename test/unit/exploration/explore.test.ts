/** The explorer itself: each broken dialog is caught for its own property; that the project's dialogs hold is npm run check:dialogs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ACCOUNT_OUTCOMES } from '../../../src/account/actions.js';
import type { Dialog, Dialogs, Step } from '../../../src/dialog/definition.js';
import { loadDialogs } from '../../../src/dialog/load.js';
import { explore, type Explored } from '../../../src/explore.js';
import { FRANCECONNECT_OUTCOMES } from '../../../src/franceconnect/actions.js';
import { HANDOFF_OUTCOMES } from '../../../src/handoff/desk.js';
import { createReaders } from '../../../src/house.js';
import { IDENTITY_OUTCOMES } from '../../../src/identity/actions.js';
import { hearable } from '../../../src/understanding/entities.js';
import { playChat } from '../../support/chat.js';
import { calledFrom } from '../../support/screens.js';
import { content } from '../../support/world.js';
import { onOffer } from '../../../src/offers.js';

const FOLDER = path.join(__dirname, '..', '..', 'exploration');
const readers = createReaders(Date.now);
const sound = readdirSync(path.join(FOLDER, 'sound')).map((file) => readFileSync(path.join(FOLDER, 'sound', file), 'utf8'));
const broken = readdirSync(path.join(FOLDER, 'broken')).sort();

/** Dialogs given as authors write them; a later one takes the place of an earlier one of the same name. */
function load(texts: readonly string[]): Dialogs {
  const folder = mkdtempSync(path.join(tmpdir(), 'sesame-explored-'));
  try {
    for (const text of texts) writeFileSync(path.join(folder, `${/^id: (.+)$/m.exec(text)?.[1] ?? ''}.yaml`), text);
    const outcomes = { ...ACCOUNT_OUTCOMES, ...IDENTITY_OUTCOMES, ...FRANCECONNECT_OUTCOMES, ...HANDOFF_OUTCOMES };
    return loadDialogs(folder, { readers, outcomes, entries: new Set(content().entries.keys()), heard: hearable }).dialogs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function exploreAlone(texts: readonly string[]): Promise<Explored> {
  const entries = new Map([...content().entries].filter(([, { dialog }]) => dialog === undefined));
  return explore({ ...content(), entries, dialogs: load(texts) }, readers);
}

/** The same dialog, where nothing is foreseen for an account that was open already. */
function withoutBranch(dialog: Dialog): Dialog {
  const steps = [...dialog.steps].map(([id, step]): [string, Step] => {
    if (step.kind !== 'do' || id !== 'debloquer') return [id, step];
    const { 'already-open': _forgotten, ...on } = step.on;
    return [id, { ...step, on }];
  });
  return { ...dialog, steps: new Map(steps) };
}

/** The same dialog, where nobody can choose that step. */
function withoutOptionTo(dialog: Dialog, place: string): Dialog {
  const steps = [...dialog.steps].map(([id, step]): [string, Step] => [id, 'options' in step ? { ...step, options: step.options.filter(({ next }) => next !== place) } : step]);
  return { ...dialog, steps: new Map(steps) };
}

describe('the explorer', () => {
  it('finds nothing in sound dialogs, and passes every step of them', async () => {
    const { violations, unseen } = await exploreAlone(sound);
    expect(violations).toEqual([]);
    expect(unseen).toEqual([]);
  });

  it.each(broken)('catches %s for that and nothing else', async (file) => {
    const { violations } = await exploreAlone([...sound, readFileSync(path.join(FOLDER, 'broken', file), 'utf8')]);
    expect([...new Set(violations.map(({ property }) => property))]).toEqual([file[0]]);
  });

  it('says so when the command for a person leads to nobody', async () => {
    const [alone = ''] = sound.filter((text) => text.includes('id: prove'));
    const { violations } = await exploreAlone([alone]);
    expect(violations.map(({ property, what }) => `${property} ${what}`)).toContain('b « parler à un conseiller » ne mène pas à une personne');
  });

  it('shows an account touched without proof by the shortest conversation', async () => {
    const { violations } = await exploreAlone([...sound, readFileSync(path.join(FOLDER, 'broken', 'e-no-proof.yaml'), 'utf8')]);
    const lines = violations[0]?.story.split('\n').filter((line) => line.startsWith('Assuré:') || line.startsWith('#'));
    expect(lines).toEqual(['Assuré: Sans preuve', 'Assuré: Allons-y', '# account.read-status : open']);
  });

  it('tells conversations that can be played again', async () => {
    const dialogs = calledFrom(['unlock-account', 'forgotten-password', 'talk-to-adviser'], content().dialogs);
    const entries = new Map([...content().entries].filter(([, { dialog }]) => dialog === undefined || dialogs.has(dialog)));
    // Played again by a house where FranceConnect is not set up and nobody has a letter at home.
    const offered = new Map([...onOffer(dialogs, [])].map(([id, dialog]) => [id, withoutOptionTo(dialog, 'lettre')]));
    const forgetful = new Map([...offered].map(([id, dialog]) => [id, id === 'unlock-account' ? withoutBranch(dialog) : dialog]));
    const { violations } = await explore({ ...content(), entries, dialogs: forgetful }, readers);
    expect(violations.map(({ property }) => property)).toEqual(['f']);
    expect(violations[0]?.story).toContain('# account.unlock : unlocked');
    // The whole house offers more choices than those that were walked.
    expect(await playChat(violations[0]?.story.replace(/ \[[^\]]*\]$/gm, '') ?? '')).toEqual([]);
  });
});
