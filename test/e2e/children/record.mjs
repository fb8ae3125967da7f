/**
 * Writes the embedded record in the directory argv[2] until it is killed: enters people, each before the first event of
 * theirs, and lets the journal and the views follow meanwhile. Says on stdout the subject of each that is acknowledged.
 */
import { writeSync } from 'node:fs';
import { uuidv7 } from '../../../dist/libs/event-store/src/index.js';
import { OpenRecord } from '../../../dist/libs/record/src/index.js';

const record = await OpenRecord.open(process.argv[2], () => '2026-01-31');
const ids = { actor: uuidv7(), role: 'operator', commandId: uuidv7(), correlationId: uuidv7() };
await Promise.all([enter(0), enter(1), enter(2), follow()]);

async function enter(lane) {
  for (let n = lane; ; n += 3) {
    const { person } = await record.people.enter(particulars(n), '2026-01-31');
    const event = { id: uuidv7(), type: 'Registered', data: '{"kind":"pns","tmt":"2017-04-01"}' };
    const metadata = JSON.stringify(ids);
    const { subject } = person;
    await record.store.append(`civilServant-${subject}`, 'no-stream', [{ ...event, metadata }]);
    writeSync(1, `${subject}\n`);
  }
}

async function follow() {
  for (;;) {
    await record.catchUp();
    await new Promise((next) => setTimeout(next, 5));
  }
}

function particulars(n) {
  const nip = `19900101201704${String(1_000 + n)}`;
  return {
    pnsId: null,
    nip,
    name: `ORANG REKAAN ${n}`,
    gelarDepan: null,
    gelarBelakang: null,
    born: '1990-01-01',
    sex: null,
    nik: null,
    phone: null,
    email: null,
    address: null,
  };
}
