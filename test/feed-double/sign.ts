import { createHmac, createPrivateKey, sign } from 'node:crypto';

/** Signs as Standard Webhooks has it, by `whsec_…` (v1) or `whsk_…` (v1a). */
export function signatureBy(secret: string, id: string, timestamp: number, body: string): string {
  const content = `${id}.${timestamp}.${body}`;
  const key = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');
  if (secret.startsWith('whsec_')) return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  const [d, x] = [key.subarray(0, 32), key.subarray(32)].map((part) => part.toString('base64url'));
  const privateKey = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
  return `v1a,${sign(null, Buffer.from(content), privateKey).toString('base64')}`;
}
