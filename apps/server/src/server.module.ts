import type { Settings } from '@app/config';
import { Outbound, sinkPolicy, Tail } from '@app/delivery';
import { EvidenceStore } from '@app/ledger';
import { OpenRecord } from '@app/record';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessHttp, ListAccessHandler } from './access.http.ts';
import { Accesses } from './accesses.ts';
import { AnnulHandler, AnnulmentsHttp } from './annulments.http.ts';
import {
  ApiKeysHttp,
  ChangeApiKeyHandler,
  IssueApiKeyHandler,
  ListApiKeysHandler,
  RevokeApiKeyHandler,
  RotateApiKeyHandler,
  TellApiKeyHandler,
} from './api-keys.http.ts';
import { AppointHandler, AppointmentsHttp } from './appointments.http.ts';
import { AppraisalsHttp, ScoreAppraisalHandler } from './appraisals.http.ts';
import { Who } from './auth.ts';
import { AwardsHttp, GiveAwardHandler } from './awards.http.ts';
import { BackdatedHttp, ListBackdatedHandler } from './backdated.http.ts';
import { BundlesHttp, IssueBundleHandler, LogPolicy } from './bundles.http.ts';
import { Check } from './check.ts';
import { CivilServantsHttp, RegisterHandler } from './civil-servants.http.ts';
import { ContractsHttp } from './contracts.http.ts';
import { CorrectHandler, CorrectionsHttp } from './corrections.http.ts';
import {
  ApproveErasureHandler,
  ErasuresHttp,
  ProposeToEraseHandler,
  RefuseErasureHandler,
} from './erasures.http.ts';
import { EventsHttp, TellEventHandler } from './events.http.ts';
import { EvidenceHttp, EvidenceLimit, KeepEvidenceHandler } from './evidence.http.ts';
import { FindingsHttp, ListFindingsHandler, RecordFindingHandler } from './findings.http.ts';
import { HealthHttp } from './health.http.ts';
import { HistoryHttp, TellHistoryHandler } from './history.http.ts';
import { LegalHoldsHttp, LiftHoldHandler, PlaceHoldHandler } from './legal-holds.http.ts';
import { FindPeopleHandler, LookupHttp } from './lookup.http.ts';
import { NoteAccess } from './note-access.ts';
import { PlaceHandler, PlacementsHttp } from './placements.http.ts';
import { PredikatDistributionHttp, TellDistributionHandler } from './predikat-distribution.http.ts';
import { ProblemFilter } from './problem-filter.ts';
import { ListProfilesHandler, ProfilesHttp, TellProfileHandler } from './profiles.http.ts';
import { PromoteHandler, PromotionsHttp } from './promotions.http.ts';
import { Readiness, type Check as ReadyCheck } from './readiness.ts';
import { ReceiptsHttp, TellReceiptHandler } from './receipts.http.ts';
import { RolesDeclared, RolesGuard } from './roles.ts';
import { ImposeSanctionHandler, LiftSanctionHandler, SanctionsHttp } from './sanctions.http.ts';
import { Servants } from './servants.ts';
import { Codes } from './siasn-codes.ts';
import {
  ConfirmSubmissionHandler,
  ListOutboxHandler,
  ReleaseSubmissionHandler,
  SiasnOutboxHttp,
  TellSubmissionHandler,
  WithdrawSubmissionHandler,
} from './siasn-outbox.http.ts';
import { Stopping } from './stopping.ts';
import { Sinks, SubscriptionsHttp } from './subscriptions.http.ts';
import { SUBSCRIPTION_HANDLERS } from './subscriptions.ts';
import {
  ListTrainingHoursHandler,
  TellTrainingHoursHandler,
  TrainingHoursHttp,
} from './training-hours.http.ts';
import { CompleteTrainingHandler, TrainingsHttp } from './trainings.http.ts';
import { ListUnitsHandler, UnitsHttp } from './units.http.ts';

const DOORS = [
  HealthHttp,
  CivilServantsHttp,
  LookupHttp,
  ProfilesHttp,
  HistoryHttp,
  PlacementsHttp,
  AppointmentsHttp,
  PromotionsHttp,
  AppraisalsHttp,
  TrainingsHttp,
  SanctionsHttp,
  AwardsHttp,
  AnnulmentsHttp,
  CorrectionsHttp,
  FindingsHttp,
  BackdatedHttp,
  ErasuresHttp,
  LegalHoldsHttp,
  EvidenceHttp,
  ReceiptsHttp,
  BundlesHttp,
  UnitsHttp,
  PredikatDistributionHttp,
  TrainingHoursHttp,
  AccessHttp,
  EventsHttp,
  SubscriptionsHttp,
  ContractsHttp,
  ApiKeysHttp,
  SiasnOutboxHttp,
];

const HANDLERS = [
  RegisterHandler,
  FindPeopleHandler,
  ListProfilesHandler,
  TellProfileHandler,
  TellHistoryHandler,
  PlaceHandler,
  AppointHandler,
  PromoteHandler,
  ScoreAppraisalHandler,
  CompleteTrainingHandler,
  ImposeSanctionHandler,
  LiftSanctionHandler,
  GiveAwardHandler,
  AnnulHandler,
  CorrectHandler,
  RecordFindingHandler,
  ProposeToEraseHandler,
  ApproveErasureHandler,
  RefuseErasureHandler,
  PlaceHoldHandler,
  LiftHoldHandler,
  ListFindingsHandler,
  ListBackdatedHandler,
  KeepEvidenceHandler,
  TellReceiptHandler,
  IssueBundleHandler,
  ListUnitsHandler,
  TellDistributionHandler,
  TellTrainingHoursHandler,
  ListTrainingHoursHandler,
  ListAccessHandler,
  TellEventHandler,
  ...SUBSCRIPTION_HANDLERS,
  IssueApiKeyHandler,
  ChangeApiKeyHandler,
  RotateApiKeyHandler,
  RevokeApiKeyHandler,
  ListApiKeysHandler,
  TellApiKeyHandler,
  ListOutboxHandler,
  TellSubmissionHandler,
  ReleaseSubmissionHandler,
  WithdrawSubmissionHandler,
  ConfirmSubmissionHandler,
];

type With = {
  readonly settings: Settings;
  readonly who: Who;
  readonly checks: readonly ReadyCheck[];
  readonly modules: readonly Type[];
  /** False: the process only says how it is. */
  readonly answers: boolean;
};

/** The doors, on one record. */
@Module({})
export class ServerModule {
  static on(
    record: OpenRecord,
    { settings: { evidence, ledger, siasn, publicUrl, webhookAllow }, who, checks, modules, answers }: With,
  ): DynamicModule {
    const policy = sinkPolicy(webhookAllow);
    return {
      module: ServerModule,
      imports: [CqrsModule.forRoot(), DiscoveryModule, ...modules],
      controllers: answers ? DOORS : [HealthHttp],
      providers: [
        { provide: OpenRecord, useValue: record },
        { provide: Who, useValue: who },
        { provide: Outbound, useValue: new Outbound(policy) },
        { provide: Sinks, useValue: new Sinks(policy) },
        { provide: Tail, useValue: new Tail(record.journal, publicUrl) },
        { provide: EvidenceStore, useValue: new EvidenceStore(evidence.directory) },
        { provide: LogPolicy, useValue: new LogPolicy(ledger) },
        { provide: Codes, useValue: new Codes(siasn) },
        { provide: EvidenceLimit, useValue: new EvidenceLimit(evidence.maxBytes) },
        { provide: Readiness, useValue: new Readiness(checks) },
        Stopping,
        Servants,
        Accesses,
        ...HANDLERS,
        RolesDeclared,
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_INTERCEPTOR, useClass: NoteAccess },
        { provide: APP_PIPE, useClass: Check },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [OpenRecord, Stopping],
      global: true,
    };
  }
}
