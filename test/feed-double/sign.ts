import { sign } from '@app/delivery';

/** Signs as the service does, by `whsec_…` (v1) or `whsk_…` (v1a). */
export function signatureBy(secret: string, id: string, timestamp: number, body: string): string {
  const by = secret.startsWith('whsk_') ? { keys: [secret] } : { secrets: [secret] };
  return sign({ id, timestamp, body: Buffer.from(body), ...by });
}
