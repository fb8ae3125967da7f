import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createLogger, note, within } from './log.ts';

const NIP = '198501012010011001';

/** A log, and the lines that it wrote. */
function listening(level: 'debug' | 'info' = 'info') {
  const written: string[] = [];
  const log = createLogger({ level, destination: { write: (line: string) => written.push(line) } });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, lines };
}

/** An error as TypeORM throws it for one of the driver of PostgreSQL. */
const failedQuery = (code: string, message: string) =>
  Object.assign(new Error(message), {
    name: 'QueryFailedError',
    query: 'INSERT INTO nip VALUES ($1, $2)',
    parameters: [NIP, 'Orang Rekaan'],
    detail: `Key (nip)=(${NIP}) already exists.`,
    table: 'nip',
    constraint: 'nip_pkey',
    code,
    driverError: Object.assign(new Error(message), { detail: `Key (nip)=(${NIP})`, code }),
  });

describe('the log', () => {
  it('writes one JSON object a line, with time, level, message and context', () => {
    const { log, lines } = listening();
    log.log('begun', 'Follower');
    log.debug('not told', 'Follower');
    expect(lines()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
        level: 'info',
        context: 'Follower',
        msg: 'begun',
      },
    ]);
  });

  it('carries what is known of the request on every line within it, and on none outside', async () => {
    const { log, lines } = listening();
    await within({ requestId: 'r' }, async () => {
      await Promise.resolve();
      note({ commandId: 'c' });
      log.warn('inside');
    });
    note({ commandId: 'lost' });
    log.warn('outside');
    expect(lines()[0]).toMatchObject({ requestId: 'r', commandId: 'c', msg: 'inside' });
    expect(Object.keys(lines()[1] ?? {})).toEqual(['level', 'time', 'msg']);
  });

  it('takes what Nest says: an error or its stack as the cause, the last text as the context', () => {
    const { log, lines } = listening();
    const said = new Logger('Topic');
    Logger.overrideLogger(log);
    try {
      said.error('it failed', new TypeError('why'));
      said.error('it failed', new TypeError('why').stack);
      said.error(new TypeError('why'));
      said.error('only words');
    } finally {
      Logger.overrideLogger(['fatal', 'error', 'warn']);
    }
    for (const line of lines()) expect(line).toMatchObject({ level: 'error', context: 'Topic' });
    for (const line of lines().slice(0, 3))
      expect(line.err).toMatchObject({ type: 'TypeError', stack: expect.stringMatching(/^at .*log\.spec/) });
    expect(lines()[3]?.err).toBeUndefined();
  });

  it('leaves Nest’s own start to whoever looks for it', () => {
    const { log, lines } = listening();
    log.log('Mapped {/livez, GET} route', 'RouterExplorer');
    expect(lines()).toEqual([]);
  });

  it.each([
    ['a broken constraint', failedQuery('23505', `duplicate key (${NIP}, Orang Rekaan)`)],
    ['a value of another type', failedQuery('22P02', 'invalid input syntax for type uuid: "Orang Rekaan"')],
    ['one behind one of ours', new Error('cannot write', { cause: failedQuery('22001', 'Orang Rekaan') })],
    ['several', new AggregateError([failedQuery('23502', 'Failing row contains (Orang Rekaan)')], 'x')],
    ['a NIP in the words', new Error(`nobody has ${NIP}, nor 19850101 201001 1 001`)],
    ['a text that cannot be parsed', thrown(() => JSON.parse('{"name": Orang Rekaan}'))],
    ['a password in a URL', new Error('cannot reach postgres://jejak:s3cret@db:5432/jejak')],
    ['a key', new Error(`of jjk_${'0'.repeat(16)}_${'s3cret-_'.repeat(5)}abc`)],
    ['a token', new Error('of eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln')],
    ['no error', { nip: NIP, name: 'Orang Rekaan' }],
  ])('tells nobody’s particulars and no secret: %s', (_, cause) => {
    const { log, lines } = listening();
    log.error('it failed', cause, 'Topic');
    log.error(cause, 'Topic');
    const text = JSON.stringify(lines());
    expect(lines()).toHaveLength(2);
    expect(lines()[0]).toMatchObject({ msg: 'it failed', err: { type: expect.any(String) } });
    expect(text).not.toMatch(/Rekaan|1985|s3cret|eyJ|INSERT/);
  });

  it('says which constraint was broken, since that is no value', () => {
    const { log, lines } = listening();
    log.error('it failed', failedQuery('23505', NIP));
    expect(lines()[0]?.err).toMatchObject({
      code: '23505',
      message: 'SQLSTATE 23505 at nip, nip_pkey',
      stack: expect.stringContaining('log.spec'),
    });
  });
});

function thrown(work: () => unknown): unknown {
  try {
    return work();
  } catch (cause) {
    return cause;
  }
}
