import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@app/config';
import { OpenRecord } from '@app/record';
import { createApp } from '../../apps/server/src/create-app.ts';

// biome-ignore lint/suspicious/noExplicitAny: an API description is read as it comes
export type Document = Record<string, any>;

/** The OpenAPI document that the service gives, from a service on an empty record that listens nowhere. */
export async function openApi(): Promise<Document> {
  const directory = mkdtempSync(join(tmpdir(), 'jejak-contracts-'));
  const record = await OpenRecord.open(directory, () => '2026-03-01');
  try {
    const app = await createApp(readSettings({ DATA_DIR: directory, NODE_ENV: 'test' }), record);
    const { payload } = await app.inject({ method: 'GET', url: '/docs/openapi.json' });
    await app.close();
    return JSON.parse(payload) as Document;
  } finally {
    await record.close();
    rmSync(directory, { recursive: true });
  }
}
