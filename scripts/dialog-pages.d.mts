import type { Dialogs } from '../src/dialog/definition.js';

/** What docs/dialogs/ should hold: text by file name. */
export function pagesOf(content: {
  readonly dialogs: Dialogs;
  readonly entries: ReadonlyMap<string, { readonly id: string; readonly dialog?: string | undefined }>;
  /** The dialogs' files, by dialog id. */
  readonly sources: ReadonlyMap<string, string>;
}): ReadonlyMap<string, string>;
