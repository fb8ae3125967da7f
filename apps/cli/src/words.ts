/** Values of the record in the words of a clerk: `sangat-baik` → `Sangat Baik`. */
export const title = (value: string): string =>
  value.replaceAll('-', ' ').replace(/(^|\s)\p{Ll}/gu, (letter) => letter.toUpperCase());

/** `2025-03-01` → `01-03-2025`, as an SK prints it. */
export const day = (date: string): string => date.split('-').reverse().join('-');

/** Columns of text, each as wide as its widest cell; numbers stand right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isNumber = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, n) => (isNumber[n] ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...all.slice(1).map(line)].join(
    '\n',
  );
}
