/**
 * What someone said to us, whatever the door they came through. Channels make utterances; nothing past the
 * channels knows of activities, form posts or terminals.
 */

export type Channel = 'web' | 'page' | 'terminal' | 'teams';

/**
 * Where someone speaks from, as far as limits need it. Keyed hashes, and nothing of the person in clear: it may be stored
 * with what they said, so that a turn taken up after a crash still has it.
 */
export interface Source {
  /** The network: all of a /24, or of an IPv6 /64. */
  readonly range: string;
  /** The browser or the client. Some clients choose it: a limit by it may only come on top of one by range. */
  readonly device?: string;
  /** The connection, at doors where a conversation may have several; random. */
  readonly seat?: string;
}

interface Said {
  /** Unique within the conversation: the same id means the same utterance, sent again. */
  readonly id: string;
  readonly conversationId: string;
  readonly channel: Channel;
  /** Epoch milliseconds, on our clock; a client's clock is never trusted. */
  readonly at: number;
  /** The client's own mark for its message, given back unchanged so that it recognises its echo. */
  readonly clientTag?: string;
  /** Absent where nothing comes from afar, as at the terminal. */
  readonly source?: Source;
}

/** The conversation was opened; nobody has said anything yet. */
export interface Opening extends Said {
  readonly kind: 'opening';
}

/** Words typed by the person, or the label of a choice they pressed. */
export interface Words extends Said {
  readonly kind: 'words';
  readonly text: string;
}

/**
 * A form filled in on our own page. Its values are identity data or one-time codes: they live in memory for the
 * length of one turn, and no room may store, log or pass them on.
 */
export interface FormSubmission extends Said {
  readonly kind: 'form';
  /** The place that showed the form, as given in `FormReply.place`; a stale place is refused kindly. */
  readonly place: string;
  readonly values: Readonly<Record<string, string>>;
}

export type Utterance = Opening | Words | FormSubmission;

/** Secrets that people type by mistake; each is masked before anything is stored. */
export type SecretKind = 'nir' | 'birth-date' | 'card' | 'iban' | 'password' | 'code' | 'email' | 'phone';

/** What of an utterance may be stored: words already masked, and never the values of a form. */
export type StorableUtterance = (Opening | Words) & { readonly masked?: readonly SecretKind[] };
