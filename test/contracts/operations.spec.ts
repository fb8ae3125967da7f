import { describe, expect, it } from '@jest/globals';
import { brokenFor, operationsIn } from './operations.ts';

const text = { type: 'string' };
const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, required });
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const sk = object({ number: text, date: text }, 'number', 'date');
const asked = (body: object, answer: object, more: object = {}) =>
  operationsIn({
    paths: {
      '/v1/units': {
        post: {
          parameters: [{ in: 'header', name: 'If-Match', required: true }],
          requestBody: json({ $ref: '#/components/schemas/Unit' }),
          responses: { 200: json(answer), 404: json(object({ secret: text }, 'secret')) },
          ...more,
        },
      },
    },
    components: { schemas: { Unit: body } },
  });
const answer = object({ data: { type: 'array', items: object({ id: text, note: text }, 'id') } }, 'data');
const body = object({ name: text, sk }, 'name');
const before = asked(body, answer);
const KEY = 'POST /v1/units';

describe('what callers rely on', () => {
  it('is what they ask with, and what they are always told', () => {
    expect(before).toEqual({
      [KEY]: {
        asks: ['body/name', 'body/sk?', 'body/sk?/date', 'body/sk?/number', 'header If-Match'],
        answers: { 200: ['data', 'data/id'] },
      },
    });
  });

  it('is broken where an operation, an answer or a field of it goes', () => {
    expect(brokenFor(before, {})).toEqual([`${KEY} is gone`]);
    const created = asked(body, answer, { responses: { 201: json(answer) } });
    expect(brokenFor(before, created)).toEqual([`${KEY} does not answer 200 any more`]);
    const less = object({ data: { type: 'array', items: object({ id: text }) } }, 'data');
    expect(brokenFor(before, asked(body, less))).toEqual([
      `${KEY} does not always say data/id in 200 any more`,
    ]);
  });

  it('is broken where more is needed, or less is taken', () => {
    const needed = asked(object({ name: text, sk, unit: text }, 'name', 'unit'), answer);
    expect(brokenFor(before, needed)).toEqual([`${KEY} needs body/unit now`]);
    expect(brokenFor(before, asked(object({ name: text, sk }, 'name', 'sk'), answer))).toEqual([
      `${KEY} needs body/sk now`,
    ]);
    const deeper = object({ ...sk.properties, by: text }, ...sk.required, 'by');
    expect(brokenFor(before, asked(object({ name: text, sk: deeper }, 'name'), answer))).toEqual([
      `${KEY} needs body/sk?/by now`,
    ]);
    expect(brokenFor(before, asked(object({ sk }), answer))).toEqual([
      `${KEY} does not take body/name any more`,
    ]);
  });

  it('holds where more may be asked, and more is told', () => {
    const more = asked(
      object({ name: text, sk, evidence: sk }),
      object({ ...answer.properties, n: text }, 'data', 'n'),
    );
    expect(brokenFor(before, more)).toEqual([]);
  });
});
