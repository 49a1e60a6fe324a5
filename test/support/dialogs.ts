/** Small dialogs for unit tests, written as authors write them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Fault } from '../../src/conversation/errors.js';
import type { Dialogs, Readers } from '../../src/dialog/definition.js';
import { loadDialogs } from '../../src/dialog/load.js';

export const readers: Readers = {
  even: {
    reasons: ['not-a-number', 'odd'],
    read(text) {
      if (!/^\d+$/.test(text)) return { ok: false, reason: 'not-a-number' };
      return Number(text) % 2 === 0 ? { ok: true, value: Number(text) } : { ok: false, reason: 'odd' };
    },
  },
};

export const outcomes = { 'test.act': ['done', 'failed'], 'test.check': ['right', 'wrong'], 'handoff.request': ['requested', 'nobody'] };

/** Loads dialogs given as YAML by file name. */
export function load(files: Readonly<Record<string, string>>): { dialogs: Dialogs; faults: Fault[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sesame-dialogs-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return loadDialogs(folder, { readers, outcomes, entries: new Set(['prevention']), heard: ['kin', 'amount'] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const GUIDED = `
id: guided
title: Essai
steps:
  - id: hello
    say: Bonjour.
    next: pick
  - id: pick
    choose: Que faire ?
    options:
      - { label: Agir, next: number }
      - { label: Partir, also: [non], next: leave }
    retry: Choisissez.
    attempts: 2
    exhausted: leave
  - id: number
    ask: Quel nombre pair ?
    reader: even
    slot: count
    next: secret
    attempts: 3
    exhausted: leave
  - id: secret
    form:
      title: Le secret
      why: Parce que {count}.
      submit: Envoyer
      fields:
        - { name: code, reader: even, label: Code, inputMode: numeric, autocomplete: "off", maxLength: 9, errors: { odd: Impair., otherwise: Illisible. } }
      do: test.check
    on: { right: act, wrong: number }
    otherwise: number
    attempts: 2
    exhausted: leave
  - id: act
    do: test.act
    on: { done: sub, failed: leave }
    otherwise: leave
  - id: sub
    call: inner
    on: { fine: bye }
    otherwise: leave
  - id: bye
    say: [{ text: "Fait : {count}, {gift}." }, { entry: prevention }]
    next: over
  - id: over
    end: done
  - id: leave
    end: left
`;

export const INNER = `
id: inner
title: Dedans
gives: [gift]
steps:
  - id: ask
    choose: D'accord ?
    options:
      - { label: Oui, next: yes }
    attempts: 2
    exhausted: no-more
  - id: yes
    do: test.act
    on: { done: fine, failed: fine }
    otherwise: fine
  - id: fine
    end: fine
  - id: no-more
    end: lost
`;

/** Listens for what the first message said, at both kinds of questions. */
export const HEARING = `
id: hearing
title: Écoute
steps:
  - id: who
    choose: Pour qui ?
    options:
      - { label: Pour moi, next: amount }
      - { label: Pour ma mère, is: parent, next: amount }
    hears: kin
    confirm: { text: "« {value} », c'est bien cela ?", yes: Oui, no: Non }
    why: Pour bien vous guider.
    unknown: unsure
    attempts: 3
    exhausted: leave
  - id: amount
    ask: Combien ?
    reader: even
    slot: count
    next: over
    hears: amount
    confirm: { text: "{value}, n'est-ce pas ?", yes: Exactement celui-là, no: Un autre nombre }
    attempts: 3
    exhausted: leave
  - id: unsure
    say: Prenons votre temps.
    next: over
  - id: over
    end: done
  - id: leave
    end: left
`;
