import { readSettings } from '@app/config';
import { OpenRecord, todayIn } from '@app/record';
import { Logger } from '@nestjs/common';
import { background } from './background.ts';
import { createApp } from './create-app.ts';

const LAST_MOMENT_MS = 10_000;
const log = new Logger('Jejak');

/** Opens the record, opens the doors, follows; stops when it is told to, after what is under way. */
async function main(): Promise<void> {
  // The files of the record are their owner's alone.
  process.umask(0o077);
  const settings = readSettings(process.env);
  const record = await OpenRecord.open(settings.places, () => todayIn(settings.timeZone));
  const app = await createApp(settings, record);
  await app.listen({ port: settings.port, host: settings.host });
  process.stdout.write(`Jejak: ${await app.getUrl()}\n`);
  const behind = background(record, settings, {
    error: (message, cause) => log.error(message, cause instanceof Error ? cause.stack : cause),
  });
  behind.start();

  const stop = async () => {
    setTimeout(() => process.exit(1), LAST_MOMENT_MS).unref();
    await app.close();
    await behind.stop();
    await record.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      stop().catch((cause: unknown) => {
        log.error('could not stop in order', cause);
        process.exitCode = 1;
      });
    });
}

main().catch((cause: unknown) => {
  process.stderr.write(`Gagal / failed: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
