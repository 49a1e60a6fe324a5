/** The shape of `dialogs/pages.yaml`: every French word of the pages around the widget. It holds none itself. */
import { z } from 'zod';

const text = z.string().trim().min(1);
const list = z.strictObject({ title: text, items: z.array(text).min(1) });
const notice = z.strictObject({ title: text, text: z.array(text).min(1) });

export const pageTexts = z.strictObject({
  site: z.strictObject({ name: text, skip: text, skipChat: text, home: text }),
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
  franceconnect: z.strictObject({
    /** With `{number}`: what the discussion shows too. */
    before: z.strictObject({ title: text, text: z.array(text).min(1), number: text, go: text }),
    ...{ back: notice, expired: notice, used: notice, stranger: notice, unknown: notice, trouble: notice },
    home: text,
    aide: text,
  }),
});

export type PageTexts = z.infer<typeof pageTexts>;
