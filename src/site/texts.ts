/** The shape of `dialogs/pages.yaml`: every French word of the pages around the widget. It holds none itself. */
import { z } from 'zod';

const text = z.string().trim().min(1);
const list = z.strictObject({ title: text, items: z.array(text).min(1) });

/** What lasts, on the page about privacy: how long is told by the code that sees to it. */
export const PERIODS = ['trace', 'letterTrace', 'code', 'letter', 'messages', 'resumption', 'withAdviser', 'audit'] as const;

const lasting = text.refine((said) => [...said.matchAll(/\{(\w*)\}/g)].every(([, name]) => PERIODS.some((known) => known === name)), `les durées sont : ${PERIODS.join(', ')}`);
const notice = z.strictObject({ title: text, text: z.array(text).min(1) });

export const pageTexts = z.strictObject({
  site: z.strictObject({ name: text, skip: text, skipChat: text, home: text, foot: text, help: text, privacy: text }),
  home: z.strictObject({
    title: text,
    heading: text,
    lead: text,
    chat: text,
    can: list,
    never: list.extend({ note: text }),
    others: z.strictObject({ title: text, items: z.array(z.strictObject({ title: text, text })).min(1) }),
    noscript: z.strictObject({ text, help: text, link: text }),
  }),
  discussion: z.strictObject({ title: text, heading: text }),
  demo: z.strictObject({ title: text, text, people: text, mailbox: text }),
  mailbox: z.strictObject({ title: text, lead: text, reload: text, empty: text, to: text, at: text }),
  notFound: z.strictObject({ title: text, text }),
  privacy: z.strictObject({
    /** Who answers for the data, as the operator writes it. `example`: nobody has yet. */
    operator: z.strictObject({ example: z.boolean(), name: text, address: text, delegate: text, email: text }),
    ...{ title: text, lead: text, example: text, others: text },
    responsible: z.strictObject({ title: text, text, name: text, address: text, delegate: text, email: text }),
    why: list,
    kept: z.strictObject({ title: text, items: z.array(z.strictObject({ what: text, time: lasting })).min(1) }),
    rights: list.extend({ how: text, complaint: text }),
    refuse: z.strictObject({ title: text, text }),
  }),
  franceconnect: z.strictObject({
    /** With `{number}`: what the discussion shows too. */
    before: z.strictObject({ title: text, text: z.array(text).min(1), number: text, go: text }),
    ...{ back: notice, expired: notice, used: notice, stranger: notice, unknown: notice, trouble: notice },
    home: text,
    aide: text,
  }),
});

export type PageTexts = z.infer<typeof pageTexts>;
