import type { Classification } from '@app/domain/classification';
import { text } from '@app/journal';
import {
  Column,
  Entity,
  Index,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
  Table,
} from 'typeorm';

/** What must not be overtaken by what: nothing by nothing, an event of a stream by the next of it, any event by the next. */
export const ORDERINGS = ['none', 'partition', 'total'] as const;
export type Ordering = (typeof ORDERINGS)[number];

/** `disabled`: it failed for days, and is only looked at now and then; `gone`: the sink said so (410). */
export type SubscriptionState = 'active' | 'paused' | 'disabled' | 'gone';

/** Who is told of which events by webhook. Times in ms since 1970. */
@Entity('subscription')
export class Subscription {
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  name: string;

  /** The account that made it, and the key by which it did. */
  @Column('text')
  owner: string;

  @Column('text', { nullable: true })
  key: string | null;

  @Column('text')
  url: string;

  /** In JSON. */
  @Column('text')
  filters: string;

  @Column('text')
  ordering: Ordering;

  @Column('text')
  sees: Classification;

  @Column('text')
  reads: Classification;

  /** `whsec_…` or `whsk_…`; the one before it signs, too, until its time is over. */
  @Column('text')
  secret: string;

  @Column('text', { name: 'previous_secret', nullable: true })
  previousSecret: string | null;

  @Column('bigint', { name: 'previous_until', nullable: true })
  previousUntil: number | null;

  @Column('text')
  state: SubscriptionState;

  @Column('text', { nullable: true })
  because: string | null;

  /** Up to this index everything is delivered, or among what is held. */
  @Column('bigint')
  cursor: number;

  /** Failed attempts since the last that went well, and since when. */
  @Column('integer')
  fails: number;

  @Column('bigint', { name: 'failing_since', nullable: true })
  failingSince: number | null;

  /** Until then the sink is left alone. */
  @Column('bigint', { name: 'next_at' })
  nextAt: number;

  @Column('bigint', { name: 'created_at' })
  createdAt: number;
}

/** An event that is not delivered yet though the cursor is past it: it failed, or one before it in its lane did. */
@Entity('webhook_held')
@Index('webhook_held_due', ['subscription', 'dueAt', 'index'])
@Index('webhook_held_lane', ['subscription', 'lane', 'index'])
export class Held {
  @PrimaryColumn('text')
  subscription: string;

  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  /** What is delivered one after the other: a stream, everything (empty), or the event alone. */
  @Column('text')
  lane: string;

  @Column('integer')
  attempts: number;

  /** `BEHIND`: only after those before it. */
  @Column('bigint', { name: 'due_at' })
  dueAt: number;
}

/** Of a held event that is not the first of its lane. */
export const BEHIND = Number.MAX_SAFE_INTEGER;

/** An attempt to deliver, and what came of it. Kept for a month; the events themselves are in the journal. */
@Entity('webhook_attempt')
@Index('webhook_attempt_at', ['at'])
export class AttemptMade {
  @PrimaryColumn('text')
  subscription: string;

  @PrimaryColumn('bigint', { name: 'idx' })
  index: number;

  @PrimaryColumn('bigint')
  at: number;

  /** The how-manieth it was, from 1; a delivery that is asked for again begins anew. */
  @Column('integer')
  n: number;

  @Column('text')
  event: string;

  @Column('integer', { nullable: true })
  status: number | null;

  /** Why there was no answer. */
  @Column('text', { nullable: true })
  fault: string | null;

  @Column('integer')
  ms: number;

  /** The first kilobyte of the answer, or the fault in words. */
  @Column('text')
  head: string;
}

export class CreateDelivery1764000000010 implements MigrationInterface {
  name = 'CreateDelivery1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    const key = (name: string) => text(runner, name, { isPrimary: true });
    const texts = (...names: string[]) => names.map((name) => text(runner, name));
    const maybe = (name: string) => text(runner, name, { isNullable: true });
    const number = (name: string, more: object = {}) => ({ name, type: 'bigint', ...more });
    const small = (name: string, more: object = {}) => ({ name, type: 'integer', ...more });
    await runner.createTable(
      new Table({
        name: 'subscription',
        columns: [
          key('id'),
          ...texts('name', 'owner'),
          maybe('key'),
          ...texts('url', 'filters', 'ordering', 'sees', 'reads', 'secret'),
          maybe('previous_secret'),
          number('previous_until', { isNullable: true }),
          ...texts('state'),
          maybe('because'),
          number('cursor'),
          small('fails'),
          number('failing_since', { isNullable: true }),
          number('next_at'),
          number('created_at'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'webhook_held',
        columns: [
          key('subscription'),
          number('idx', { isPrimary: true }),
          ...texts('lane'),
          small('attempts'),
          number('due_at'),
        ],
        indices: [
          { name: 'webhook_held_due', columnNames: ['subscription', 'due_at', 'idx'] },
          { name: 'webhook_held_lane', columnNames: ['subscription', 'lane', 'idx'] },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'webhook_attempt',
        columns: [
          key('subscription'),
          number('idx', { isPrimary: true }),
          number('at', { isPrimary: true }),
          small('n'),
          ...texts('event'),
          small('status', { isNullable: true }),
          maybe('fault'),
          small('ms'),
          ...texts('head'),
        ],
        indices: [{ name: 'webhook_attempt_at', columnNames: ['at'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['webhook_attempt', 'webhook_held', 'subscription']) await runner.dropTable(table);
  }
}
