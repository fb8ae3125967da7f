import { describe, jest } from '@jest/globals';
import { logOf } from '../../libs/event-store/src/contract-log.ts';
import { describeEventStore } from '../../libs/event-store/src/event-store.contract.ts';
import { KurrentEventStore } from '../../libs/event-store/src/kurrent.ts';
import { KurrentDouble } from '../kurrent-double/index.ts';
import { openApart } from './kurrent-apart.ts';

// Every call goes over a socket and back; the machine may be busy.
jest.setTimeout(180_000);

describeEventStore('KurrentDB (a double that speaks its protocol)', async () => {
  const double = await KurrentDouble.start();
  return logOf(
    () => KurrentEventStore.open(double.url),
    () => double.stop(),
  );
});

const url = process.env.KURRENTDB_URL;
if (url === undefined)
  process.stderr.write(
    'NOT TESTED on a real KurrentDB: start one of its own (--insecure --mem-db --max-append-size 2097152) and name it in ' +
      'KURRENTDB_URL, as in kurrentdb://127.0.0.1:2113?tls=false, to have the contract run on it\n',
  );
(url === undefined ? describe.skip : describe)('on a real server', () => {
  describeEventStore('KurrentDB', () => openApart(url ?? ''));
});
