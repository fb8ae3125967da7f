import { type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/** Of whom a door tells, so that the access log has it. */
export type Reads = {
  /** False: of nobody who could be identified, or nothing but the receipt of a command. */
  readonly ofPersons: boolean;
  /** The subjects in an answer, where the address does not name one. */
  readonly subjectsIn?: (answer: never) => readonly string[];
  /** A part of the address that tells what was read, and nothing of anybody. */
  readonly naming?: string;
};

/** What a door reads that does not say otherwise. */
export const OF_PERSONS: Reads = { ofPersons: true };
export const OF_NOBODY: Reads = { ofPersons: false };

const KEY = 'reads';
export const ReadsOf = (reads: Reads) => SetMetadata(KEY, reads);

/** Of whom the door tells that a request goes to. */
export const readsOf = (reflector: Reflector, context: ExecutionContext): Reads =>
  reflector.get<Reads | undefined>(KEY, context.getHandler()) ?? OF_PERSONS;
