import type { LegalDate } from '@app/domain/calendar';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Who a subject of the log is. The only place of personal data; not derived from events, and erasable (docs/adr/0002). */
@Entity('person')
export class Person {
  /** The id of the person in the log; random, and meaningless elsewhere. */
  @PrimaryColumn('text')
  subject: string;

  /** PNS ID of SIASN, 32 hexadecimal digits. */
  @Index('person_pns_id', { unique: true })
  @Column('text', { name: 'pns_id', nullable: true })
  pnsId: string | null;

  /** The NIP of today; the ones before stand in `nip`. */
  @Index('person_nip', { unique: true })
  @Column('text')
  nip: string;

  @Index('person_name')
  @Column('text')
  name: string;

  @Column('text', { name: 'gelar_depan', nullable: true })
  gelarDepan: string | null;

  @Column('text', { name: 'gelar_belakang', nullable: true })
  gelarBelakang: string | null;

  @Column('text')
  born: LegalDate;

  @Column('text', { nullable: true })
  sex: 'pria' | 'wanita' | null;

  @Column('text', { nullable: true })
  nik: string | null;

  @Column('text', { nullable: true })
  phone: string | null;

  @Column('text', { nullable: true })
  email: string | null;

  @Column('text', { nullable: true })
  address: string | null;
}

/** A NIP that a person has or had, and since when we know it (BKN corrects NIPs: KONVERSI NIP). */
@Entity('nip')
export class Nip {
  @PrimaryColumn('text')
  nip: string;

  @Index('nip_subject')
  @Column('text')
  subject: string;

  @Column('text', { name: 'known_since' })
  knownSince: string;
}

/** Somebody who may ask for something: events carry `id`, never what the issuer calls them. */
@Entity('account')
@Index('account_of', ['issuer', 'name'], { unique: true })
export class Account {
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  issuer: string;

  @Column('text')
  name: string;
}
