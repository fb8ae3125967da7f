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

/** `waiting`: to be done when it is due. `done`, `dead`: it is over; dead ones had all their attempts. */
export type JobState = 'waiting' | 'done' | 'dead';

/** Something to be done once, and what came of it. The row is the truth of the job; nothing else is (docs/adr/0009). */
@Entity('job')
@Index('job_due', ['state', 'dueAt'])
export class Job {
  /** `kind:key`. */
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  kind: string;

  /** What it is about: the id of the event that caused it, or a day. */
  @Column('text')
  key: string;

  @Column('text')
  state: JobState;

  /** In ms since 1970, as all times here. */
  @Column('bigint', { name: 'due_at' })
  dueAt: number;

  /** How often it was begun; also tells an attempt from the one that took its place. */
  @Column('integer')
  attempts: number;

  /** Until then somebody is at it. */
  @Column('bigint', { name: 'claimed_until' })
  claimedUntil: number;

  /** What came of it, or why the last attempt failed. */
  @Column('text', { nullable: true })
  outcome: string | null;

  @Column('bigint', { name: 'changed_at' })
  changedAt: number;
}

export class CreateJobs1764000000004 implements MigrationInterface {
  name = 'CreateJobs1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    const texts = (...names: string[]) => names.map((name) => text(runner, name));
    await runner.createTable(
      new Table({
        name: 'job',
        columns: [
          text(runner, 'id', { isPrimary: true }),
          ...texts('kind', 'key', 'state'),
          { name: 'due_at', type: 'bigint' },
          { name: 'attempts', type: 'integer' },
          { name: 'claimed_until', type: 'bigint' },
          text(runner, 'outcome', { isNullable: true }),
          { name: 'changed_at', type: 'bigint' },
        ],
        indices: [{ name: 'job_due', columnNames: ['state', 'due_at'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('job');
  }
}
