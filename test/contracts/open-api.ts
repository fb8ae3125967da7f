import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@app/config';
import { OpenRecord } from '@app/record';
import { createApp } from '../../apps/server/src/create-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: an API description is read as it comes
export type Document = Record<string, any>;

/** The OpenAPI document that the service gives, from a service on an empty record. */
export async function openApi(): Promise<Document> {
  const directory = mkdtempSync(join(tmpdir(), 'jejak-contracts-'));
  const record = await OpenRecord.open(directory, () => '2026-03-01');
  const app = await createApp(readSettings({ DATA_DIR: directory, NODE_ENV: 'test' }), record);
  try {
    await app.listen(0, '127.0.0.1');
    const answer = await fetch(`${await app.getUrl()}/docs/openapi.json`);
    return (await answer.json()) as Document;
  } finally {
    await app.close();
    await record.close();
    rmSync(directory, { recursive: true });
  }
}
