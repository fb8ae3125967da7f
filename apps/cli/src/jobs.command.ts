import type { Job, JobState } from '@app/jobs';
import { type Call, type Command, Usage } from './command.ts';
import { table } from './words.ts';

const STATES: readonly JobState[] = ['waiting', 'done', 'dead'];
const MOST_TOLD = 1_000;

export const jobs: Command = {
  name: 'jobs',
  usage: 'jobs [waiting | done | dead]   jobs retry <id>',
  does: [
    'Pekerjaan yang menunggu, selesai, atau gagal; yang gagal dapat diulang.',
    'The jobs that wait, are done, or are dead; a dead one can be done again.',
  ],
  options: {},
  run: async (call) => {
    const [what = 'waiting', id, ...more] = call.words;
    if (what === 'retry' && id !== undefined && more.length === 0) return retry(call, id);
    const state = STATES.find((one) => one === what);
    if (!state || id !== undefined) throw new Usage(`jobs takes ${STATES.join(', ')}, or retry and an id`);
    const listed = await call.record.jobs.list(state, MOST_TOLD);
    const counts = await call.record.jobs.counts();
    call.say.result({ counts, jobs: listed }, () =>
      [STATES.map((one) => `${one}: ${counts[one]}`).join('  '), jobTable(listed)].join('\n'),
    );
    return 0;
  },
};

async function retry({ record, say }: Call, id: string): Promise<number> {
  const retried = await record.jobs.retry(id);
  say.result({ id, retried }, () =>
    retried
      ? `${id}: akan diulang / will be done again`
      : `${id}: bukan pekerjaan yang gagal / is not a dead job; see: jejak jobs dead`,
  );
  return retried ? 0 : 1;
}

const jobTable = (listed: readonly Job[]): string =>
  table(
    ['pekerjaan', 'jatuh tempo', 'percobaan', 'hasil'],
    listed.map(({ id, dueAt, attempts, outcome }) => [
      id,
      new Date(dueAt).toISOString().slice(0, 16).replace('T', ' '),
      attempts,
      (outcome ?? '-').slice(0, 70),
    ]),
  );
