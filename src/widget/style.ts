/**
 * How the widget looks: one constructed style sheet, so that the strictest content policy lets it through, and the mark.
 * Colours are chosen for a contrast of 4.5:1 or more in both themes; a host page may set `--sesame-accent`.
 */

const TOKENS = `
:host {
  --paper: #f6f5f1; --surface: #ffffff; --ink: #1c2732; --soft: #52606b; --edge: #77838d; --hair: #dfdcd3;
  --accent: var(--sesame-accent, #12586a); --on-accent: #ffffff; --mine: #dcecee; --error: #a3271c; --alert: #fdf3e1;
  color-scheme: light dark;
  font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif;
  font-size: 1.0625rem; line-height: 1.5; color: var(--ink);
}
@media (prefers-color-scheme: dark) {
  :host {
    --paper: #141a1f; --surface: #1e262d; --ink: #e8ecef; --soft: #abb6be; --edge: #7d8993; --hair: #323c45;
    --accent: var(--sesame-accent-dark, #8ccfdb); --on-accent: #0c2026; --mine: #21434b; --error: #ffa396; --alert: #3a2f1b;
  }
}`;

const FRAME = `
:host { position: fixed; right: 1rem; bottom: 1rem; z-index: 1000; }
:host([open]) { position: static; display: block; height: 100%; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, p, ul, fieldset { margin: 0; padding: 0; border: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.panel {
  display: flex; flex-direction: column; overflow: hidden; background: var(--paper);
  width: 25rem; max-width: calc(100vw - 2rem); height: min(42rem, calc(100vh - 2rem)); height: min(42rem, calc(100dvh - 2rem));
  border: 1px solid var(--hair); border-radius: 1rem; box-shadow: 0 .5rem 2rem rgb(0 0 0 / 18%);
}
:host([open]) .panel { width: 100%; max-width: none; height: 100%; box-shadow: none; }
:host([open]) .close { display: none; }
.head { display: flex; align-items: center; gap: .625rem; padding: .625rem 1rem; background: var(--surface); border-bottom: 1px solid var(--hair); }
.mark { flex: none; width: 2.25rem; height: 2.25rem; }
.mark .plate { fill: var(--accent); }
.mark .hole { fill: var(--on-accent); }
.title { flex: 1; min-width: 0; }
h2 { font-size: 1.125rem; line-height: 1.25; }
.title p { font-size: .875rem; line-height: 1.3; color: var(--soft); }
.state:empty, .typing:empty, .limit:empty, .note:empty, .hint:empty, .fault:empty { display: none; }
.state { padding: .5rem 1rem; font-size: .9375rem; background: var(--alert); border-bottom: 1px solid var(--hair); }
.typing { padding: .125rem 1rem .375rem; font-size: .9375rem; color: var(--soft); }
footer { padding: 0 .75rem .25rem; background: var(--surface); }
.tools { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: .125rem; }
.safety { margin-bottom: .75rem; font-size: .875rem; line-height: 1.4; text-align: center; color: var(--soft); }
.anew { margin: .75rem 1rem; }
`;

const TALK = `
.talk { position: relative; flex: 1; min-height: 0; display: flex; flex-direction: column; }
.log { position: relative; flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: .75rem 1rem 1rem; scroll-padding-bottom: 4.5rem; }
.log:focus-visible, .newer:focus-visible { outline-offset: -3px; }
.message { display: flex; flex-direction: column; align-items: flex-start; margin-top: .375rem; }
.message:first-child { margin-top: 0; }
.meta { margin-top: .625rem; font-size: .8125rem; color: var(--soft); }
.meta strong { font-weight: 600; }
.bubble {
  max-width: 92%; margin-top: .1875rem; padding: .625rem .875rem; overflow-wrap: anywhere;
  background: var(--surface); border: 1px solid var(--hair); border-radius: .25rem 1rem 1rem 1rem;
}
.bubble > * + * { margin-top: .625rem; }
.bubble ul { padding-left: 1.25rem; }
.bubble li + li { margin-top: .25rem; }
.bubble a { color: var(--accent); text-underline-offset: .15em; }
.adviser .bubble { border-color: var(--accent); }
.me { align-items: flex-end; }
.me .bubble { max-width: 85%; white-space: pre-wrap; background: var(--mine); border-color: transparent; border-radius: 1rem .25rem 1rem 1rem; }
.fate { margin-top: .125rem; font-size: .8125rem; color: var(--soft); }
[data-fate='refused'] .fate { color: var(--error); }
.notice { margin: 1rem 0 .25rem; padding-top: .75rem; font-size: .9375rem; text-align: center; color: var(--soft); border-top: 1px solid var(--hair); }
.choices { display: flex; flex-wrap: wrap; gap: .5rem; max-width: 100%; margin-top: .625rem; }
.choices.past:not(:focus-within) { display: none; }
.choices.past button { opacity: .6; }
/* Over the log, not below it: its coming and going must not move what a finger is about to press. */
.newer { position: absolute; bottom: .75rem; right: .75rem; width: 2.75rem; height: 2.75rem; padding: 0; font-size: 1.25rem; line-height: 1; text-align: center; border-radius: 50%; box-shadow: 0 .125rem .75rem rgb(0 0 0 / 22%); }
`;

const CONTROLS = `
button {
  min-height: 2.75rem; min-width: 2.75rem; padding: .5rem .875rem; font: inherit; font-size: 1rem; line-height: 1.25; text-align: left;
  color: var(--accent); background: var(--surface); border: 1px solid var(--accent); border-radius: .75rem; cursor: pointer;
  touch-action: manipulation;
}
button.main { color: var(--on-accent); background: var(--accent); font-weight: 600; text-align: center; }
button.quiet { padding: .375rem .25rem; font-size: .9375rem; background: none; border-color: transparent; text-decoration: underline; text-underline-offset: .2em; }
@media (hover: hover) {
  button:hover, button.quiet:hover { background: var(--mine); }
  button.main:hover { background: var(--accent); text-decoration: underline; text-underline-offset: .2em; }
}
button:disabled { cursor: default; opacity: .6; }
.launcher {
  display: flex; align-items: center; gap: .625rem; max-width: calc(100vw - 2rem); padding: .5rem 1rem .5rem .5rem; font-weight: 600; color: var(--ink);
  border-color: var(--edge); border-radius: 2rem; box-shadow: 0 .25rem 1rem rgb(0 0 0 / 20%);
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.composer { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .5rem; padding: .75rem .75rem .375rem; background: var(--surface); border-top: 1px solid var(--hair); }
textarea, input {
  min-height: 2.75rem; padding: .5625rem .75rem; font: inherit; color: var(--ink); background: var(--surface);
  border: 1px solid var(--edge); border-radius: .75rem;
}
textarea { flex: 1; min-width: 0; max-height: 8.5rem; resize: none; field-sizing: content; }
::placeholder { color: var(--soft); opacity: 1; }
.limit { flex-basis: 100%; font-size: .9375rem; }
.card { width: 100%; margin-top: .375rem; padding: 1rem; background: var(--surface); border: 1px solid var(--edge); border-radius: 1rem; }
.card fieldset { min-width: 0; }
legend { padding: 0; font-size: 1.0625rem; font-weight: 600; line-height: 1.35; }
.why { margin-top: .25rem; font-size: .9375rem; white-space: pre-line; color: var(--soft); }
.field { margin-top: 1rem; }
.field label { display: block; font-weight: 600; }
.field .hint { font-size: .9375rem; color: var(--soft); }
.field .fault { color: var(--error); font-size: .9375rem; font-weight: 600; }
.field input { width: 100%; margin-top: .25rem; font-variant-numeric: tabular-nums; }
.field input[aria-invalid='true'] { border: 2px solid var(--error); }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1.125rem; }
.note { margin-top: .5rem; font-size: .9375rem; color: var(--soft); }
`;

const CONDITIONS = `
@media (max-width: 30rem) {
  :host(:not([open])) { right: .75rem; bottom: .75rem; }
  :host(:not([open])) .panel { position: fixed; inset: 0; width: 100%; max-width: none; height: 100%; height: 100dvh; border: 0; border-radius: 0; }
  .log { padding-inline: .75rem; }
  .head { padding: .375rem .75rem; }
  button.quiet { padding-inline: .125rem; font-size: .875rem; }
  footer { padding-inline: .5rem; }
  }
@media (max-height: 28rem) {
  .title p { display: none; }
  .head { padding-block: .25rem; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; scroll-behavior: auto !important; } }
@media (forced-colors: active) {
  .bubble, .me .bubble, .card, button, button.quiet, .panel { border: 1px solid; }
  .mark .plate { fill: ButtonText; }
  .mark .hole { fill: ButtonFace; }
}
`;

/** One sheet for every widget of a page. */
export function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(TOKENS + FRAME + TALK + CONTROLS + CONDITIONS);
  return sheet;
}

/** The mark of Sésame: a keyhole. Decoration only. */
export function drawMark(): SVGSVGElement {
  const svg = draw('svg', { class: 'mark', viewBox: '0 0 36 36', 'aria-hidden': 'true', focusable: 'false' });
  svg.append(draw('rect', { class: 'plate', width: '36', height: '36', rx: '10' }));
  svg.append(draw('path', { class: 'hole', d: 'M18 8a6 6 0 0 1 3.2 11.1L23 27a1 1 0 0 1-1 1.2h-8a1 1 0 0 1-1-1.2l1.8-7.9A6 6 0 0 1 18 8z' }));
  return svg;
}

function draw<K extends keyof SVGElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>>): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
