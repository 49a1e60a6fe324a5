/**
 * The append-only list of everything said in a conversation. Its sequence numbers are the watermark that clients
 * resume from, and the one source for the widget, the adviser's summary, the audit and the tests.
 */
import type { Reply } from './reply.js';
import type { SecretKind } from './utterance.js';

/** What a writer appends; the store adds the sequence number. */
export type NewEntry =
  | {
      readonly author: 'person';
      readonly at: number;
      readonly utteranceId: string;
      /** Masked words; absent where a form was sent. */
      readonly text?: string;
      /** Title of the form that was sent; its values are nowhere. */
      readonly form?: string;
      readonly masked?: readonly SecretKind[];
      readonly clientTag?: string;
    }
  | { readonly author: 'assistant'; readonly at: number; readonly reply: Reply; readonly inReplyTo?: string }
  | { readonly author: 'adviser'; readonly at: number; readonly name: string; readonly text: string };

/** `seq` counts from 1 without a gap within its conversation. */
export type TranscriptEntry = NewEntry & { readonly seq: number };
