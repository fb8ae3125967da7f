import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SseMessage, SseParser } from './sse.ts';

const utf8 = (text: string) => Uint8Array.from(Buffer.from(text));
const parse = (...chunks: (string | Uint8Array)[]): SseMessage[] => {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(typeof chunk === 'string' ? utf8(chunk) : chunk));
};
const data = (...chunks: string[]) => parse(...chunks).map((message) => message.data);

describe('server-sent events', () => {
  it('are read as the examples of the HTML standard have it', () => {
    expect(data('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual(['YHOO\n+2\n10']);
    expect(
      parse(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'),
    ).toEqual([
      { id: '1', event: 'message', data: 'first event' },
      { id: '', event: 'message', data: 'second event' },
      { id: '', event: 'message', data: ' third event' },
    ]);
    expect(data('data\n\ndata\ndata\n\ndata:')).toEqual(['', '\n']);
    expect(data('data:test\n\ndata: test\n\n')).toEqual(['test', 'test']);
  });

  it('end their lines with CR, LF or both, also where a chunk ends between them', () => {
    expect(data('data: a\r\n\r\ndata: b\n\ndata: c\r\rdata: d\r\n\n')).toEqual(['a', 'b', 'c', 'd']);
    expect(data('data: a\r', '\n\r', '\ndata: b\r', '\r', 'data: c\r', '\n', '\n')).toEqual(['a', 'b', 'c']);
    // An LF that is alone in its chunk ends no second line; the next one does.
    expect(data('data: a\r', '\n', 'data: b\n\n')).toEqual(['a\nb']);
  });

  it('may begin with a byte order mark, once, and cut a letter in two', () => {
    expect(data('\ufeffdata: a\n\n', 'data: b\n\n')).toEqual(['a', 'b']);
    expect(
      parse(utf8('\ufeff').subarray(0, 2), utf8('\ufeffdata: é').subarray(2, -1), utf8('é\n\n').subarray(1)),
    ).toMatchObject([{ data: 'é' }]);
    expect(data('data: a\n\n', '\ufeffdata: b\n\n')).toEqual(['a']);
  });

  it('keep the last id, but not one with NUL in it, and no kind', () => {
    expect(parse('id: 7\nevent: x\ndata: a\n\ndata: b\n\nid: 8\0\ndata: c\n\nid: 9\n\ndata: d\n\n')).toEqual([
      { id: '7', event: 'x', data: 'a' },
      { id: '7', event: 'message', data: 'b' },
      { id: '7', event: 'message', data: 'c' },
      { id: '9', event: 'message', data: 'd' },
    ]);
  });

  it('ignore comments, unknown fields, a kind without data, and what no blank line ends', () => {
    expect(parse(': hb\n\nevent: x\n\nwhat: ever\nDATA: no\ndata: a\n\ndata: b\n')).toEqual([
      { id: '', event: 'message', data: 'a' },
    ]);
  });

  it('tell how long to wait before one reconnects, in digits only', () => {
    const parser = new SseParser();
    parser.push(utf8('retry: 3000\n\nretry: soon\nretry: -1\nretry: 1e3\n\n'));
    expect(parser.retryMs).toBe(3_000);
  });

  it('are refused where one does not end', () => {
    expect(() => parse(...Array<string>(70).fill('x'.repeat(65_536)))).toThrow('does not end');
    expect(() => parse(...Array<string>(70).fill(`data: ${'x'.repeat(65_536)}\n`))).toThrow('does not end');
    expect(data(...Array<string>(200).fill(`: ${'x'.repeat(65_536)}\n`), 'data: a\n\n')).toEqual(['a']);
  });

  it('are the same however their bytes are cut into chunks', () => {
    const text = fc
      .array(
        fc.constantFrom(
          'data',
          'event',
          'id',
          'retry',
          ':',
          ': ',
          ' ',
          '\r',
          '\n',
          '\r\n',
          '\n\n',
          'é',
          '7',
          '\0',
          '\ufeff',
          '😀',
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 30 }), (whole, sizes) => {
        const bytes = utf8(`${whole}\n\n`);
        const chunks: Uint8Array[] = [];
        for (let [at, n] = [0, 0]; at < bytes.length; at += sizes[n++ % sizes.length] || 1)
          chunks.push(bytes.subarray(at, at + (sizes[n % sizes.length] || 1)));
        expect(parse(...chunks)).toEqual(byDefinition(`${whole}\n\n`));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** As the standard puts it, over the whole text. */
function byDefinition(whole: string): SseMessage[] {
  const text = whole
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n');
  const blocks = text.split('\n\n').slice(0, -1);
  let id = '';
  return blocks.flatMap((block) => {
    const fields = block
      .split('\n')
      .map((line) => /^([^:]*):? ?(.*)$/s.exec(line)?.slice(1) as [string, string]);
    const of = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value);
    id = of('id').findLast((value) => !value.includes('\0')) ?? id;
    const data = of('data');
    return data.length === 0 ? [] : [{ id, event: of('event').at(-1) || 'message', data: data.join('\n') }];
  });
}
