/**
 * An activity as Teams sends it, reduced to what we read, and what its parts say. It is believed only behind a token;
 * nothing here knows of requests or of who may do what.
 */
import { z } from 'zod';

const id = z.string().min(1).max(500);
const named = z.looseObject({ id });

const incoming = z.object({
  type: z.string().min(1).max(50),
  id: z.string().max(500).optional(),
  name: z.string().max(200).optional(),
  channelId: z.string().max(50).default(''),
  serviceUrl: z.string().max(500),
  from: z.object({ id: id.optional(), aadObjectId: z.string().max(100).optional() }),
  conversation: z.object({ id, conversationType: z.string().max(50).optional(), tenantId: z.string().max(100).optional() }),
  channelData: z
    .object({ tenant: named.optional(), channel: named.optional(), eventType: z.string().max(100).optional() })
    .nullish()
    .transform((data) => data ?? {}),
  text: z.string().nullish().transform((text) => text ?? ''),
  value: z.unknown().optional(),
  attachments: z
    .array(z.object({ contentType: z.string().max(200) }))
    .max(50)
    .nullish()
    .transform((list) => list ?? []),
});

export type Incoming = z.infer<typeof incoming>;

/** The activity in a body, or nothing where it is none that we can read. */
export function readActivity(body: unknown): Incoming | undefined {
  return incoming.safeParse(body).data;
}

/** The tenants that an activity speaks of; they must all be ours. */
export function tenantsOf({ conversation, channelData }: Incoming): readonly string[] {
  return [conversation.tenantId, channelData.tenant?.id].filter((tenant) => tenant !== undefined);
}

export type Place =
  | { readonly kind: 'private' }
  /** `channel`: its id; `thread`: that of the whole conversation, root message included. */
  | { readonly kind: 'channel'; readonly channel: string; readonly thread: string }
  /** A group chat, or what says of itself two different things. */
  | { readonly kind: 'elsewhere' };

export function placeOf({ conversation, channelData }: Incoming): Place {
  if (conversation.conversationType === 'personal') return { kind: 'private' };
  const [channel = ''] = conversation.id.split(';');
  const agreed = channelData.channel === undefined || channelData.channel.id === channel;
  return conversation.conversationType === 'channel' && agreed ? { kind: 'channel', channel, thread: conversation.id } : { kind: 'elsewhere' };
}

/** What someone typed, without the mention of us that channels ask for. */
export function wordsOf({ text }: Incoming): string {
  return text
    .replace(/<at>[^<]*<\/at>/gi, ' ')
    .replace(/&nbsp;|\u00a0/g, ' ')
    .replace(/[ \t]+/g, ' ')
    .trim();
}

/** Files that came along; the HTML of a message comes as an attachment too, and is none. */
export function hasFiles({ attachments }: Incoming): boolean {
  return attachments.some(({ contentType }) => contentType !== 'text/html' && contentType !== 'text/plain');
}
