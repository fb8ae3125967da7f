import type { Person } from '@app/people';
import { OpenRecord } from '@app/record';
import { Body, Controller } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiBody, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { BodyQuestionDoor } from './answer.ts';
import { Matching, Text } from './body.ts';
import { malformed } from './problem.ts';
import type { Reads } from './reads.ts';
import { PEOPLE_FOUND } from './schemas.ts';

const MOST_FOUND = 20;

/** One of three ways to say who is meant. A NIP stands in a body, since addresses end up in logs. */
class Lookup {
  @Matching({ pattern: '^[0-9]{18}$', is: '18 digits', max: 18, optional: true })
  nip?: string;

  @Matching({ pattern: '^[0-9A-Fa-f]{32}$', is: '32 hexadecimal digits', max: 32, optional: true })
  pnsId?: string;

  @Text({ max: 200, optional: true, about: 'Words of the name, in any case.' })
  name?: string;
}

type Found = Pick<Person, 'subject' | 'name' | 'nip' | 'pnsId'>;

export class FindPeople extends Query<{ readonly data: readonly Found[] }> {
  constructor(readonly lookup: Lookup) {
    super();
  }
}

@QueryHandler(FindPeople)
export class FindPeopleHandler implements IQueryHandler<FindPeople> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ lookup }: FindPeople) {
    const found = await this.#found(lookup);
    return { data: found.map(({ subject, name, nip, pnsId }) => ({ subject, name, nip, pnsId })) };
  }

  async #found({ nip, pnsId, name = '' }: Lookup): Promise<Person[]> {
    const { people } = this.record;
    if (nip === undefined && pnsId === undefined) return people.byName(name, MOST_FOUND);
    const one = nip === undefined ? await people.byPnsId(pnsId ?? '') : await people.byNip(nip);
    return one ? [one] : [];
  }
}

/** Whoever was found was read of; what was asked by stays out of the access log. */
const FOUND: Reads = {
  ofPersons: true,
  subjectsIn: ({ data }: { data: readonly Found[] }) => data.map(({ subject }) => subject),
};

@ApiTags('civil-servants')
@Controller('v1')
export class LookupHttp {
  constructor(private readonly queries: QueryBus) {}

  @ApiExtraModels(Lookup)
  @ApiBody({ schema: { allOf: [{ $ref: getSchemaPath(Lookup) }], minProperties: 1, maxProperties: 1 } })
  @BodyQuestionDoor('civil-servants/lookup', ['inspektorat', 'bkpsdm', 'integrator'], PEOPLE_FOUND, FOUND)
  lookup(@Body() lookup: Lookup) {
    if (Object.keys(lookup).length !== 1) throw malformed('#', 'must have one of nip, pnsId, name');
    return this.queries.execute(new FindPeople(lookup));
  }
}
