import { daysLate } from '@app/domain/backdated';
import type { Leaf, Manifest, Missing } from './bundle-format.ts';

type Row = { readonly index: number; readonly event: Leaf };

/** What a timeline tells. */
export type Told = {
  readonly request: Manifest['request'];
  readonly person?: { readonly name: string; readonly nip: string } | undefined;
  readonly entries: readonly Row[];
  readonly asOf: number;
  readonly complete: boolean;
  readonly missing: readonly Missing[];
};

/** What each kind of event is called in an office. */
const CALLED: Readonly<Record<string, string>> = {
  Registered: 'Pengangkatan pertama (CPNS/PPPK)',
  Placed: 'Penempatan pada unit kerja',
  Appointed: 'Pengangkatan dalam jabatan',
  Promoted: 'Kenaikan pangkat',
  AppraisalScored: 'Penilaian kinerja',
  TrainingCompleted: 'Pengembangan kompetensi',
  SanctionImposed: 'Penjatuhan hukuman disiplin',
  SanctionLifted: 'Pencabutan hukuman disiplin',
  Awarded: 'Penghargaan',
  Annulled: 'Pembatalan catatan',
  Corrected: 'Pembetulan catatan',
  FindingRecorded: 'Temuan',
  ErasureProposed: 'Usul pemusnahan data pribadi',
  ErasureApproved: 'Persetujuan pemusnahan data pribadi',
  ErasureRefused: 'Penolakan usul pemusnahan',
  LegalHoldPlaced: 'Penahanan dari pemusnahan (untuk perkara)',
  LegalHoldLifted: 'Pencabutan penahanan dari pemusnahan',
};

/** The decision trail for people, to be read and printed: one static page in Bahasa Indonesia, nothing loaded. */
export function timeline({ request, person, entries, asOf, complete, missing }: Told): string {
  const title = person ? `${person.name}, NIP ${person.nip}` : 'Riwayat';
  const rows = entries.map(
    ({
      index,
      event,
    }) => `<tr><td>${index}</td><td>${safe(event.recordedAt.slice(0, 19).replace('T', ' '))}</td>
<td>${safe(typeof event.data.tmt === 'string' ? event.data.tmt : '–')}${late(event)}</td>
<td><b>${safe(CALLED[event.type] ?? event.type)}</b>${said(event.data)}</td>
<td>${safe(event.metadata.actor ?? '–')}</td><td><code>${safe(event.id)}</code>${documents(event)}</td></tr>`,
  );
  const whole = complete
    ? `LENGKAP sampai dengan ${asOf} catatan log: semua catatan orang ini ada di sini.`
    : 'SEBAGIAN: hanya keputusan yang diminta dan catatan yang disebutnya.';
  return `<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe(title)}</title><style>
body{font:11pt/1.4 serif;margin:2em;max-width:70em}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #888;padding:.3em .5em;text-align:left;vertical-align:top}thead{display:table-header-group}tr{break-inside:avoid}
dl{margin:.2em 0 0;font-size:90%}dt{float:left;clear:left;margin-right:.5em;color:#444}dd{margin:0}code{font-size:75%;word-break:break-all}
@page{size:A4 landscape;margin:1.5cm}</style></head><body>
<h1>${safe(title)}</h1>
<p>${safe(whole)} Disusun ${safe(request.at)} untuk: ${safe(request.purpose)}.</p>
<p>Halaman ini hanya untuk dibaca. Keasliannya dibuktikan dengan memeriksa bundel ini (lihat BACA-SAYA.txt), bukan oleh tulisan di halaman ini.</p>
<table><thead><tr><th>Indeks</th><th>Dicatat (UTC)</th><th>TMT</th><th>Catatan</th><th>Akun pencatat</th><th>Peristiwa dan dokumen</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
${missing.map(({ what, why }) => `<p>Tidak disertakan: <code>${safe(what)}</code> (${WHY[why]})</p>`).join('\n')}
</body></html>
`;
}

const WHY: Readonly<Record<Missing['why'], string>> = {
  erased: 'telah dimusnahkan dengan keputusan yang tercatat',
  withheld: 'tidak boleh dibuka kepada peminta',
  'not-kept': 'tidak pernah disimpan',
  lost: 'hilang dari tempat penyimpanannya',
  altered: 'isinya telah berubah sejak disimpan, karena itu tidak disertakan',
};

const late = (event: Leaf): string => {
  const { tmt } = event.data;
  const days = typeof tmt === 'string' ? daysLate(tmt, event.recordedAt) : undefined;
  return days === undefined ? '' : `<br><i>dicatat mundur ${days} hari</i>`;
};

const documents = ({ metadata }: Leaf): string =>
  (metadata.evidence ?? [])
    .map(({ sha256, mediaType }) => `<br>${safe(mediaType)} <code>${safe(sha256)}</code>`)
    .join('');

/** What an event says, its TMT aside, as names and values. */
function said(data: Leaf['data']): string {
  const facts = Object.entries(data).filter(([name]) => name !== 'tmt');
  const list = facts.map(([name, value]) => `<dt>${safe(name)}</dt><dd>${safe(plain(value))}</dd>`);
  return list.length > 0 ? `<dl>${list.join('')}</dl>` : '';
}

const plain = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, one]) => `${name}: ${plain(one)}`)
        .join(', ')
    : String(value);

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const safe = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
