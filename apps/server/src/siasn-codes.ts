import type { SiasnSettings } from '@app/config';
import { readSiasnCodes, type SiasnCodes } from '@app/siasn';
import { Problem } from './problem.ts';

/** SIASN's codes as the officials' file has them, read when they are asked for: they fill it in while this runs. */
export class Codes {
  constructor(private readonly settings: SiasnSettings) {}

  /** Throws a problem (503) where the file is not in order: it is for those who fill it in. */
  read(): Promise<SiasnCodes> {
    const { codesFile, service: _, ...ids } = this.settings;
    return readSiasnCodes(codesFile, ids).catch((cause: unknown) => {
      throw new Problem(503, { detail: cause instanceof Error ? cause.message : String(cause) });
    });
  }
}
