import type { Accessed } from '@app/ledger';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { QuestionDoor } from './answer.ts';
import { byIndex, type IndexPage } from './as-of.ts';
import { Uuid, WholeAsked } from './body.ts';
import { ACCESS_PAGE } from './schemas.ts';
import { Subject } from './subject.ts';

const DEFAULT_LIMIT = 50;

class AccessPageAsked {
  @WholeAsked({ min: 0, max: 999_999_999_999_999, optional: true, about: 'The `next` of the page before.' })
  after?: number;

  @WholeAsked({ min: 1, max: 200, optional: true, about: 'Entries of a page; default 50.' })
  limit?: number;
}

class AccessAsked extends AccessPageAsked {
  @Uuid({ optional: true, about: 'Of whom the data were.' })
  subject?: string;

  @Uuid({ optional: true, about: 'The account that read.' })
  actor?: string;
}

type AccessPage = IndexPage<Accessed>;

export class ListAccess extends Query<AccessPage> {
  constructor(readonly asked: AccessAsked) {
    super();
  }
}

@QueryHandler(ListAccess)
export class ListAccessHandler implements IQueryHandler<ListAccess> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { limit = DEFAULT_LIMIT, ...asked } }: ListAccess): Promise<AccessPage> {
    return byIndex(await this.record.access.read({ ...asked, limit: limit + 1 }), limit);
  }
}

/** Who read whose data, for what. Asking that is a read, too. */
@ApiTags('access')
@Controller('v1')
export class AccessHttp {
  constructor(private readonly queries: QueryBus) {}

  @QuestionDoor('access', ['inspektorat'], ACCESS_PAGE)
  list(@Asked() asked: AccessAsked) {
    return this.queries.execute(new ListAccess({ ...asked }));
  }

  /** The accounts that read somebody's record, for the person concerned. Reads of whole lists are not among them. */
  @QuestionDoor('civil-servants/:subject/access', ['inspektorat', 'pegawai'], ACCESS_PAGE)
  tell(@Subject() subject: string, @Asked() asked: AccessPageAsked) {
    return this.queries.execute(new ListAccess({ ...asked, subject }));
  }
}
