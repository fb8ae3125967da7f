import { readSettings } from '@app/config';
import { publishRuleSets, uuidv7 } from '@app/event-store';
import { OpenRecord, todayIn } from '@app/record';
import { Logger } from '@nestjs/common';
import { background } from './background.ts';
import { createApp } from './create-app.ts';
import { createLogger } from './log.ts';
import { lagOf, Metrics, measured } from './metrics.ts';
import { databaseCheck } from './readiness.ts';
import { startTracing } from './tracing.ts';

const LAST_MOMENT_MS = 10_000;

/** Opens the record, opens the doors, does what its roles say; stops when it is told to, after what is under way. */
async function main(): Promise<void> {
  // The files of the record are their owner's alone.
  process.umask(0o077);
  const settings = readSettings(process.env);
  const log = createLogger({ level: settings.logLevel });
  Logger.overrideLogger(log);
  const tracing = settings.otlpEndpoint
    ? await startTracing({ endpoint: settings.otlpEndpoint, serviceName: 'jejak' })
    : undefined;
  const metrics = new Metrics();
  const record = await OpenRecord.open(
    settings.places,
    () => todayIn(settings.timeZone),
    (store) => measured(store, metrics),
  );
  await publish(record);
  const behind = background(record, settings, {
    error: (message, cause) => log.error(message, cause, 'Background'),
  });
  const { follower } = behind;
  if (follower) follower.onStep = (ms) => metrics.batch(ms);
  metrics.look({
    lag: () => lagOf(record),
    jobs: () => record.jobs.counts(),
    ...(follower ? { leads: () => follower.leads } : {}),
  });
  const checks = [databaseCheck(record), ...behind.checks];
  const app = await createApp(settings, record, { log, metrics, checks });
  await app.listen({ port: settings.port, host: settings.host });
  log.log(`Jejak: ${await app.getUrl()} (${settings.roles.join(', ')})`, 'Jejak');
  behind.start();

  const stop = async () => {
    setTimeout(() => process.exit(1), LAST_MOMENT_MS).unref();
    await app.close();
    await behind.stop();
    await record.close();
    await tracing?.shutdown();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      stop().catch((cause: unknown) => {
        log.error('could not stop in order', cause, 'Jejak');
        process.exitCode = 1;
      });
    });
}

/** Puts the rule sets on the record before anything is decided under them. */
async function publish({ people, transact }: OpenRecord): Promise<void> {
  const actor = await people.account('urn:jejak:server', 'server');
  const commandId = uuidv7();
  const asking = { actor, role: 'operator', commandId, correlationId: commandId, askedAt: Date.now() };
  await publishRuleSets(transact, asking);
}

main().catch((cause: unknown) => {
  process.stderr.write(`Gagal / failed: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
