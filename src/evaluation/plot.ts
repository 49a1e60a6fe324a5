/**
 * Draws how far claims of certainty can be believed, as an SVG that stands alone: readable on a light or a dark page,
 * and told in words to those who do not see it.
 */
import type { Bin } from './metrics.js';

const side = 320;
const margin = { left: 56, top: 16, right: 16, bottom: 48 };
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

const style = `
  svg { color: #1b1b1f; background: #ffffff; font: 12px system-ui, sans-serif; }
  text { fill: currentColor; }
  .axis, .grid, .ideal { stroke: currentColor; fill: none; }
  .grid { opacity: 0.15; }
  .ideal { opacity: 0.6; stroke-dasharray: 5 4; }
  .measured { stroke: #0b5cad; fill: none; stroke-width: 2; }
  .bin { fill: #0b5cad; }
  @media (prefers-color-scheme: dark) {
    svg { color: #ececf1; background: #17171b; }
    .measured { stroke: #7cb8ff; }
    .bin { fill: #7cb8ff; }
  }`;

/** A calibration plot of bins, with its error. The same bins give the same file to the byte. */
export function drawCalibration(bins: readonly Bin[], ece: number, subject: string): string {
  const width = margin.left + side + margin.right;
  const height = margin.top + side + margin.bottom;
  const points = bins.map(({ confidence, accuracy, count }) => ({ x: round(across(confidence)), y: round(down(accuracy)), count, confidence, accuracy }));
  const told = bins.map(({ confidence, accuracy, count }) => `claimed ${percent(confidence)}, right ${percent(accuracy)} of ${String(count)}`).join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" role="img" aria-labelledby="title desc">
  <title id="title">Calibration on ${escape(subject)}</title>
  <desc id="desc">Share of right candidates against the confidence claimed, in ${String(bins.length)} groups of equal size. Calibration error ${percent(ece)}. ${told}.</desc>
  <style>${style}
  </style>
${ticks.map(tick).join('\n')}
  <path class="axis" d="M${String(margin.left)} ${String(margin.top)}v${String(side)}h${String(side)}"/>
  <path class="ideal" d="M${String(across(0))} ${String(down(0))}L${String(across(1))} ${String(down(1))}"/>
  <path class="measured" d="${points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('')}"/>
${points.map(({ x, y, count, confidence, accuracy }) => `  <circle class="bin" cx="${x}" cy="${y}" r="4"><title>claimed ${percent(confidence)}, right ${percent(accuracy)} of ${String(count)}</title></circle>`).join('\n')}
  <text x="${String(margin.left + side / 2)}" y="${String(height - 8)}" text-anchor="middle">confidence claimed (%)</text>
  <text transform="translate(14 ${String(margin.top + side / 2)}) rotate(-90)" text-anchor="middle">right (%)</text>
</svg>
`;
}

function tick(value: number): string {
  const label = String(Math.round(value * 100));
  const [x, y] = [round(across(value)), round(down(value))];
  return [
    `  <path class="grid" d="M${x} ${String(margin.top)}v${String(side)}M${String(margin.left)} ${y}h${String(side)}"/>`,
    `  <text x="${x}" y="${String(margin.top + side + 18)}" text-anchor="middle">${label}</text>`,
    `  <text x="${String(margin.left - 8)}" y="${round(down(value) + 4)}" text-anchor="end">${label}</text>`,
  ].join('\n');
}

function across(value: number): number {
  return margin.left + value * side;
}

function down(value: number): number {
  return margin.top + (1 - value) * side;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
