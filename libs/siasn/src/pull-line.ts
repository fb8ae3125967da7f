import { type Refusal, refuse } from '@app/domain/event';
import { clean } from './row.ts';

/** A line of a pull: a NIP, and the rows that SIASN's answer holds. */
type PullLine = { readonly nip: string; readonly rows: readonly PullRow[] };
/** A row under its id; `refusal` where it has none, or one that stands twice. */
export type PullRow = { readonly id: string; readonly raw: object; readonly refusal?: Refusal };

/**
 * Reads `{nip, response: {code: 1, data: […]}}` (domain 10.5). Any other answer is no statement about the person: the
 * line is refused as a whole, and nothing has vanished.
 */
export function readPullLine(text: string): PullLine | Refusal {
  const line = objectOf(text);
  const response = line?.response as { code?: unknown; data?: unknown } | null | undefined;
  if (!line || typeof response !== 'object' || response === null)
    return refuse('malformed-json', 'this line is no answer of SIASN in JSON', 'SIASN');
  const { code, data } = response;
  if (clean(code) !== '1' || !Array.isArray(data))
    return refuse('siasn-answered-otherwise', 'SIASN’s answer is no list of rows', 'SIASN', 'response');
  return { nip: clean(line.nip), rows: rowsOf(data) };
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function rowsOf(data: readonly unknown[]): PullRow[] {
  const ids = new Set<string>();
  return data.map((raw) => {
    const row = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? raw : {};
    const id = clean((row as { id?: unknown }).id);
    const refusal = objection(id, ids);
    ids.add(id);
    return { id, raw: row, ...(refusal ? { refusal } : {}) };
  });
}

function objection(id: string, before: ReadonlySet<string>): Refusal | undefined {
  if (!/^[\w.-]{1,64}$/.test(id)) return refuse('row-without-id', 'this row has no id', 'SIASN', 'id');
  return before.has(id)
    ? refuse('row-twice', 'an earlier row of this line has this id', 'SIASN', 'id')
    : undefined;
}
