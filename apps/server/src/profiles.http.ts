import type { Profile } from '@app/domain/profile';
import { type AsOf, type Listed, profileAt, profileRow, profilesAt } from '@app/projections';
import { OpenRecord } from '@app/record';
import { Query as Asked, Controller, Res, UseInterceptors } from '@nestjs/common';
import { type IQueryHandler, Query, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { etag, QuestionDoor } from './answer.ts';
import { AsOfAsked, asOf, type Page, PageAsked, paged, pageOf } from './as-of.ts';
import { Linked } from './linked.ts';
import { notFound } from './problem.ts';
import { READERS, READERS_AND_SELF } from './roles.ts';
import { PROFILE, PROFILES } from './schemas.ts';
import { UnitId } from './sk.ts';
import { Subject } from './subject.ts';

/** What a clerk calls somebody; null: erased, or never entered. */
type Named = { readonly person: { readonly name: string; readonly nip: string } | null };

/** `stoppedAt`: the journal index of an event that this profile could not take; it is stale from there on. */
type Told = Listed & Named & AsOf & { readonly stoppedAt?: number };

export class TellProfile extends Query<Told> {
  constructor(
    readonly subject: string,
    readonly asked: AsOfAsked,
  ) {
    super();
  }
}

@QueryHandler(TellProfile)
export class TellProfileHandler implements IQueryHandler<TellProfile> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ subject, asked }: TellProfile): Promise<Told> {
    const at = await asOf(this.record, asked);
    const row = await profileRow(this.record.database, subject);
    const profile: Profile | undefined = profileAt(row, at);
    if (!row || !profile) throw notFound('nothing was known of this person then');
    const person = await this.record.people.find(subject);
    const stoppedAt = (await this.record.views.stale('current-profile', [subject])).get(subject);
    return {
      subject,
      revision: row.revision,
      person: person && named(person),
      profile,
      ...(stoppedAt === undefined ? {} : { stoppedAt }),
      ...at,
    };
  }
}

type Names = { name: string; nip: string; gelarDepan: string | null; gelarBelakang: string | null };

const named = ({ name, nip, gelarDepan, gelarBelakang }: Names) => ({ name, nip, gelarDepan, gelarBelakang });

export class ProfilesAsked extends PageAsked {
  @UnitId({ optional: true })
  unit?: string;
}

export class ListProfiles extends Query<Page<Listed & Named>> {
  constructor(readonly asked: ProfilesAsked) {
    super();
  }
}

@QueryHandler(ListProfiles)
export class ListProfilesHandler implements IQueryHandler<ListProfiles> {
  constructor(private readonly record: OpenRecord) {}

  async execute({ asked: { unit, ...asked } }: ListProfiles) {
    const { database, people } = this.record;
    const page = await pageOf(this.record, asked, 'string');
    const { after, limit } = page;
    const wanted = {
      limit: limit + 1,
      ...(after === undefined ? {} : { after }),
      ...(unit === undefined ? {} : { unit }),
    };
    const listed = await profilesAt(database, wanted, page.asOf);
    const names = await people.named(listed.map(({ subject }) => subject));
    const rows = listed.map((row) => ({ ...row, person: names.get(row.subject) ?? null }));
    return paged(rows, page, ({ subject }) => subject);
  }
}

@ApiTags('profiles')
@Controller('v1/civil-servants')
export class ProfilesHttp {
  constructor(private readonly queries: QueryBus) {}

  @QuestionDoor('', READERS, PROFILES)
  @UseInterceptors(Linked)
  list(@Asked() asked: ProfilesAsked) {
    return this.queries.execute(new ListProfiles(asked));
  }

  @QuestionDoor(':subject', READERS_AND_SELF, PROFILE)
  async tell(
    @Subject() subject: string,
    @Asked() asked: AsOfAsked,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const told = await this.queries.execute(new TellProfile(subject, asked));
    void reply.headers(etag(told.revision));
    return told;
  }
}
