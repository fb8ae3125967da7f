import type { SiasnSettings } from '@app/config';
import { readSiasnCodes, type SiasnCodes } from '@app/siasn';

/** SIASN's codes as the officials' file has them, read when they are asked for: they fill it in while this runs. */
export class Codes {
  constructor(private readonly settings: SiasnSettings) {}

  /** Throws where the file is not in order. */
  read(): Promise<SiasnCodes> {
    const { codesFile, instansiId, satuanKerjaId } = this.settings;
    return readSiasnCodes(codesFile, {
      ...(instansiId === undefined ? {} : { instansiId }),
      ...(satuanKerjaId === undefined ? {} : { satuanKerjaId }),
    });
  }
}
