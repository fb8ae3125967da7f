import { isPurpose, PURPOSE_IS } from '@app/ledger';
import { type Call, type Options, Usage } from './command.ts';
import { OPERATOR, operatorOf } from './operator.ts';

export const PURPOSE: Options = {
  purpose: { type: 'string', means: 'what the data are read for; it is kept in the access log' },
};

/** What persons' data are read for; throws `Usage` where it is not said, unless something is said `otherwise`. */
export function purposeOf({ options: { purpose } }: Call, otherwise?: string): string {
  const text = purpose ?? otherwise;
  if (typeof text !== 'string')
    throw new Usage(
      'sebutkan untuk apa / say what for: --purpose "pemeriksaan berkala"; persons’ data are not read without',
    );
  if (!isPurpose(text)) throw new Usage(`--purpose is ${PURPOSE_IS}`);
  return text;
}

/** Enters a read of persons' data in the access log; throws where that cannot be: then nothing of it is said. */
export async function noted(
  call: Call,
  command: string,
  subject: string | null,
  otherwise?: string,
): Promise<void> {
  const purpose = purposeOf(call, otherwise);
  const actor = await operatorOf(call.record);
  const what = `jejak ${command}`;
  await call.record.access.note([{ actor, role: OPERATOR, purpose, what, subject, outcome: 'answered' }]);
}
