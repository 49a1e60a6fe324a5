/** Brings the discussion into the page, once, and only if it is to the byte what was built with this loader. */
import type { createPanel, Panel, PanelHost } from '../widget/panel.js';
import { dress } from './sheet.js';

/** Written in by the build: files beside the loader's. */
declare const PANEL: { readonly file: string; readonly sheet: string; readonly integrity: string };

export interface Loaded {
  readonly createPanel: typeof createPanel;
  readonly sheet: string;
}

/** Where the file leaves what it brings. A symbol, so that no name of the host page is taken. */
export const PLACE = Symbol.for('sesame.panel');

type Window = typeof globalThis & { [PLACE]?: Loaded; trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string } } };

let loading: Promise<Loaded> | undefined;

/** @param source where the loader itself came from. Rejects when the file cannot be had; asking again tries again. */
export async function loadPanel(source: string, root: ShadowRoot, host: PanelHost): Promise<Panel> {
  loading ??= load(new URL(PANEL.file, source).href);
  try {
    const { createPanel, sheet } = await loading;
    dress(root, { css: sheet, url: new URL(PANEL.sheet, source).href });
    return createPanel(host);
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

function load(url: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = trusted(url);
    script.integrity = PANEL.integrity;
    script.crossOrigin = 'anonymous';
    script.addEventListener('load', () => {
      const loaded = (globalThis as Window)[PLACE];
      script.remove();
      if (loaded === undefined) reject(new Error('the discussion did not load'));
      else resolve(loaded);
    });
    script.addEventListener('error', () => {
      script.remove();
      reject(new Error('the discussion could not be loaded'));
    });
    document.head.append(script);
  });
}

let policy: { createScriptURL(url: string): string } | undefined;

/** A page may ask that scripts be loaded through a policy by name: ours is `sesame`, and a name is given once. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as Window;
  policy ??= trustedTypes?.createPolicy('sesame', { createScriptURL: (given) => given });
  return policy?.createScriptURL(url) ?? url;
}
