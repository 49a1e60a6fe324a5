/** Puts a style sheet into the shadow root in a way that the strictest content policy lets through. */

export interface Sheet {
  readonly css: string;
  /** Address of the same as a file, for browsers that make no sheets by script. */
  readonly url: string;
}

export function dress(root: ShadowRoot, { css, url }: Sheet): void {
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return;
  }
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = url;
  (root as ShadowRoot).append(link);
}
