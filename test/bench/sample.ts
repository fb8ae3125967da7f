import type { NewEvent } from '@app/event-store';
import { canonical, uuidv7 } from '@app/event-store';

const UNITS = Array.from({ length: 40 }, (_, n) => `unit${n}`);
const metadata = (row: number) =>
  canonical({
    actor: '7c1c1c1e-0000-4000-8000-000000000001',
    role: 'operator',
    commandId: '019a0000-0000-7000-8000-000000000001',
    correlationId: '019a0000-0000-7000-8000-000000000001',
    source: { system: 'siasn', list: 'rw', row: String(row), sha256: 'a'.repeat(64) },
  });

const event = (type: string, data: object, n: number): NewEvent => ({
  id: uuidv7(),
  type,
  data: canonical(data),
  metadata: metadata(n),
});

/** An event of about 450 bytes, as the engines are compared with. */
export const plainEvent = (n: number): NewEvent =>
  event(
    'Placed',
    { unit: UNITS[n % 40], tmt: '2024-01-01', sk: { number: `821/${n}/2024`, date: '2024-01-01' } },
    n,
  );

export const subjectNo = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

const GOLONGAN = ['II/c', 'II/d', 'III/a', 'III/b', 'III/c', 'III/d'];
const sk = { number: '823/1/2020', date: '2020-01-01' };
const ruleSet = { id: 'x', version: 1 };

/** The 25 events of an invented career, in the shapes of the record. */
export function career(person: number): NewEvent[] {
  const facts: [string, object][] = [['Registered', { kind: 'pns', tmt: '2004-01-01' }]];
  for (const [n, golongan] of GOLONGAN.entries())
    facts.push(['Promoted', { golongan, jenis: 'reguler', tmt: `${2004 + 4 * n}-04-01`, sk }]);
  facts.push(['Placed', { unit: UNITS[person % 40], tmt: '2020-01-01', sk }]);
  facts.push([
    'Appointed',
    { jabatan: 'Guru', jenis: 'fungsional', penugasan: 'definitif', tmt: '2020-01-01', sk },
  ]);
  for (const year of [2022, 2023, 2024, 2025])
    facts.push(['AppraisalScored', scored({ kind: 'tahunan', year }, person + year)]);
  for (const from of [1, 4, 7, 10])
    facts.push([
      'AppraisalScored',
      scored({ kind: 'periodik', year: 2025, from, to: from + 2 }, person + from),
    ]);
  for (let n = 0; facts.length < 25; n++) facts.push(['TrainingCompleted', trained(n)]);
  return facts.map(([type, data], n) => event(type, data, n));
}

const scored = (period: object, n: number) => ({
  period,
  hasil: n % 5 ? 'sesuai-ekspektasi' : 'di-atas-ekspektasi',
  perilaku: 'sesuai-ekspektasi',
  predikat: 'baik',
  penilai: { asn: true, subject: subjectNo(1) },
  unit: UNITS[n % 40],
  ruleSet,
});

const trained = (n: number) => ({
  name: 'Pelayanan Publik Prima',
  form: 'bimbingan-teknis',
  organiser: 'LAN RI',
  certificate: `${n}/2024`,
  from: `${2022 + (n % 4)}-06-01`,
  to: `${2022 + (n % 4)}-06-03`,
  year: 2022 + (n % 4),
  jpClaimed: 8,
  jpRecognised: 8,
  ruleSet,
});
