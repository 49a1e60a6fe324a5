/** What Sésame says back, whatever the door. Plain JSON: a reply is stored in the transcript as it is. */

export interface TextReply {
  readonly kind: 'text';
  /** Paragraphs are parted by a blank line; `- ` opens a list item; **bold** and [label](https://…) are the only markup. */
  readonly text: string;
  /** Labels of the choices shown as buttons. Pressing one says its label. */
  readonly choices?: readonly string[];
  /** The knowledge entry the words come from, where there is one. */
  readonly entry?: string;
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  /** An example of what to type, never a real value. */
  readonly hint?: string;
  readonly inputMode: 'numeric' | 'text';
  /** HTML autocomplete token, `one-time-code` for codes. */
  readonly autocomplete: string;
  readonly maxLength: number;
  /** What is wrong with the last value, said in French; the value itself is never sent back. */
  readonly error?: string;
}

export interface FormReply {
  readonly kind: 'form';
  /** Opaque mark of the step that asks. It comes back with the values; one place takes one answer. */
  readonly place: string;
  readonly title: string;
  /** Why we ask, and what we do with it. */
  readonly why: string;
  readonly fields: readonly FormField[];
  readonly submit: string;
  /** Ways out shown beside the submit button; pressing one says its label. */
  readonly choices?: readonly string[];
}

export type Reply = TextReply | FormReply;
