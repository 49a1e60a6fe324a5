/** Draws counts as people read them: a line for each name, a column for each run. */

/** Every row of the table is a name that the first run has. */
export function table(runs: readonly object[]): string {
  const names = Object.keys(runs[0] ?? {});
  const columns = [names, ...runs.map((run) => names.map((name) => String((run as Readonly<Record<string, unknown>>)[name])))];
  const widths = columns.map((column) => Math.max(...column.map(({ length }) => length)));
  const line = (at: number): string => columns.map((column, place) => (place === 0 ? (column[at] ?? '').padEnd(widths[0] ?? 0) : (column[at] ?? '').padStart(widths[place] ?? 0))).join('  ');
  return `\n${names.map((_, at) => line(at)).join('\n')}\n`;
}
