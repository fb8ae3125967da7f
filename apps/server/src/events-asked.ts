import { innerType, type Wanted } from '@app/delivery';
import { CATALOGUE } from '@app/domain/catalogue';
import { streamOf } from '@app/domain/civil-servant';
import { CLASSIFICATIONS, type Classification } from '@app/domain/classification';
import { Matching, OneOf, UUID, WholeAsked } from './body.ts';
import { malformed, Problem } from './problem.ts';

/** Words of one pattern with commas between. */
const listOf = (word: string) =>
  ({ pattern: `^(${word})(,(${word}))*$`, max: 4_000, optional: true }) as const;
const TYPE = `(id\\.jejak\\.)?(${Object.keys(CATALOGUE).join('|')})(\\.v[0-9]+)?`;
const STREAM = '[a-zA-Z]+-[^,]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const INDEX = {
  pattern: '^(-1|[0-9]{1,15})$',
  is: 'an index in the journal, or -1',
  max: 16,
  optional: true,
} as const;

/** Which events are wanted, from where on. */
export class FollowAsked {
  @Matching({ ...INDEX, about: 'The index after which to go on; default -1: from the beginning.' })
  after?: string;

  @Matching({ ...INDEX, about: 'The same, by the name that some clients use.' })
  lastEventId?: string;

  @Matching({
    ...listOf(TYPE),
    is: 'types of events, with commas between; /v1/schemas lists them',
    about: 'Types, like Promoted or id.jejak.Promoted.v1.',
  })
  types?: string;

  @Matching({
    ...listOf(STREAM),
    is: 'at most 100 streams or ids of persons, with commas between',
    about: 'Streams, or ids of civil servants; at most 100.',
  })
  subjects?: string;

  @Matching({
    ...listOf(CLASSIFICATIONS.join('|')),
    is: 'classes, with commas between',
    about: `Some of ${CLASSIFICATIONS.join(', ')}.`,
  })
  classification?: string;
}

export class FeedAskedFor extends FollowAsked {
  @WholeAsked({ min: 1, max: 1_000, optional: true, about: 'Events of a page; default 100.' })
  limit?: number;

  @WholeAsked({
    min: 0,
    max: 30,
    optional: true,
    about: 'Seconds to wait where there is nothing yet; default 0.',
  })
  wait?: number;

  @OneOf(['current', 'stored'], {
    optional: true,
    about: 'stored: the leaves as they were sealed, for the inspektorat; default current.',
  })
  shape?: string;
}

const MOST_STREAMS = 100;

/** The index after which to go on; throws a problem where the log has never been so far. */
export function afterIn({ after, lastEventId }: FollowAsked, size: number, header?: string): number {
  const text = header ?? after ?? lastEventId ?? '-1';
  if (!/^(-1|\d{1,15})$/.test(text)) throw malformed('Last-Event-ID', 'is an index in the journal');
  const index = Number(text);
  if (index < size) return index;
  throw new Problem(409, {
    type: 'urn:jejak:refusal:ahead-of-the-log',
    detail: `the log has ${size} events, the last is ${size - 1}; whoever read up to ${index} read another log, or one that was put back from a backup: compare what you have with it, and go on from the last event that is the same`,
    basis: 'proof 3.22',
  });
}

/** What is wanted, in our own terms; throws a problem that names what there is not. */
export function wantedIn({ types, subjects, classification }: FollowAsked): Wanted {
  return {
    ...part('types', types, (word) => innerType(word)),
    ...part('streams', subjects, streamNamed, 'subjects'),
    ...part('classes', classification, classNamed, 'classification'),
  };
}

const ID = new RegExp(UUID);
const streamNamed = (word: string) =>
  ID.test(word) ? streamOf(word) : /^[a-zA-Z]+-./.test(word) ? word : undefined;
const classNamed = (word: string): Classification | undefined => CLASSIFICATIONS.find((one) => one === word);

function part<Name extends string, Value>(
  name: Name,
  text: string | undefined,
  meaning: (word: string) => Value | undefined,
  field: string = name,
): { [K in Name]?: readonly Value[] } {
  if (text === undefined) return {};
  const words = [...new Set(text.split(','))];
  if (words.length > MOST_STREAMS)
    throw malformed(`#/${field}`, `names ${words.length}; at most ${MOST_STREAMS}`);
  const values = words.map((word) => {
    const value = meaning(word);
    if (value === undefined) throw malformed(`#/${field}`, `names ${word}, which there is not`);
    return value;
  });
  return { [name]: values } as unknown as { [K in Name]?: readonly Value[] };
}
