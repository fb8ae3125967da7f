/** An answer is longer than anything that was asked for. */
export class TooLong extends Error {}

/** The body of a response of at most `most` bytes. Throws `TooLong`, having read no further. */
export async function bodyOf(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > most) throw new TooLong(`the answer is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What went wrong in words; `fetch` says it in the cause of its error. */
export function reasonOf(cause: unknown): string {
  const { message, cause: deeper } = (cause ?? {}) as { message?: string; cause?: { message?: string } };
  return deeper?.message || message || String(cause);
}
