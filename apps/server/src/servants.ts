import {
  CIVIL_SERVANT,
  type CivilServant,
  type CivilServantEvent,
  type Context,
  streamOf,
} from '@app/domain/civil-servant';
import { type Decision, type Refusal, refuse } from '@app/domain/event';
import { unitStream } from '@app/domain/unit';
import type { Asking, Moved, Receipt } from '@app/event-store';
import { OpenRecord } from '@app/record';
import { Injectable } from '@nestjs/common';

/** What came of a command: what was written, why it was not carried out, or that the record has moved on. */
export type Outcome = Receipt | Refusal | Moved;

type Decide = (
  servant: CivilServant,
  context: Context,
) => Decision<CivilServantEvent> | Promise<Decision<CivilServantEvent>>;

/** The one way of commands to the record of a civil servant. */
@Injectable()
export class Servants {
  constructor(private readonly record: OpenRecord) {}

  /** Decides on somebody's record, knowing the birth date and the day it is. */
  async decide(subject: string, asking: Asking, decide: Decide): Promise<Outcome> {
    const born = (await this.record.people.find(subject))?.born;
    return this.record.transact(CIVIL_SERVANT, streamOf(subject), asking, (servant, id) =>
      decide(servant, {
        subject,
        actor: asking.actor,
        today: this.record.today(),
        id,
        ...(born === undefined ? {} : { born }),
      }),
    );
  }

  /** A refusal where nothing is known of a unit. `field`: where it is named. */
  async unknownUnit(unit: string | undefined, field: string): Promise<Refusal | undefined> {
    if (unit === undefined) return undefined;
    const [known] = await this.record.store.read(unitStream(unit), { limit: 1 });
    return known ? undefined : refuse('unit-unknown', `no unit ${unit} is on the record`, 'ref-unor', field);
  }
}
