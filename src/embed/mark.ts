/** The mark of Sésame, drawn by script so that no picture is fetched. */

/** A keyhole. Decoration only. */
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
