import { JejakError } from './error.ts';

/** A message of a stream of server-sent events; `id` is the last that was told. */
export type SseMessage = { readonly id: string; readonly event: string; readonly data: string };

/** Longer than any event by far. */
const MOST_CHARS = 4_194_304;

/**
 * Reads server-sent events as the HTML standard has it (9.2.6): UTF-8 with or without a byte order mark; lines that end with
 * CR, LF or both, wherever the chunks end; comments; data of several lines. What no blank line ends is not a message.
 */
export class SseParser {
  readonly #decoder = new TextDecoder();
  #line = '';
  #wasCr = false;
  #id = '';
  #event = '';
  #data: string[] = [];
  /** Of the data. */
  #chars = 0;
  #retryMs: number | undefined;

  /** The time to wait before one reconnects, in ms, as the server told it last. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** The messages that these bytes complete. Throws `JejakError` at one that does not end. */
  push(bytes: Uint8Array): SseMessage[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    if (this.#wasCr && text.startsWith('\n')) text = text.slice(1);
    this.#wasCr = text.endsWith('\r');
    const [first = '', ...others] = text.split(/\r\n|\n|\r/);
    this.#line += first;
    const messages = others.flatMap((next) => {
      const message = this.#take(this.#line);
      this.#line = next;
      return message ? [message] : [];
    });
    if (this.#chars + this.#line.length > MOST_CHARS)
      throw new JejakError('a message of the stream does not end', true);
    return messages;
  }

  #take(line: string): SseMessage | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const [field, value] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    this.#set(field, value.startsWith(' ') ? value.slice(1) : value);
    return undefined;
  }

  /** A comment is a field without a name. */
  #set(field: string, value: string): void {
    if (field === 'data') {
      this.#data.push(value);
      this.#chars += value.length + 1;
    } else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.#retryMs = Number(value);
  }

  #dispatch(): SseMessage | undefined {
    const [data, event] = [this.#data, this.#event || 'message'];
    [this.#data, this.#event, this.#chars] = [[], '', 0];
    return data.length === 0 ? undefined : { id: this.#id, event, data: data.join('\n') };
  }
}
