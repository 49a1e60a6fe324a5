export interface Site {
  readonly origin: string;
  /** Tells the pages the address of the service; to be called before one is asked for. */
  serve(url: string): void;
  close(): Promise<void>;
}

/** Pages: `/sesame` (our widget, closed) and `/webchat` (a button that loads Web Chat). */
export function openSite(root: string): Promise<Site>;
