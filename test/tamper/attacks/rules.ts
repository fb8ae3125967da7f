import { ruleSetStream } from '@app/domain/rule-set';
import { JP_RULES } from '@app/domain/training';
import type { Attack } from '../detect.ts';
import { bundleOf } from '../forge.ts';

const TRAINING = {
  name: 'Pelatihan Kepemimpinan',
  form: 'diklat-struktural',
  organiser: 'BPSDM Provinsi',
  from: '2025-03-03',
  to: '2025-03-05',
  year: 2025,
  jpClaimed: 24,
  jpRecognised: 240,
};
const PROMOTION = {
  golongan: 'IV/e',
  jenis: 'reguler',
  tmt: '2026-01-01',
  sk: { number: '1', date: '2026-01-01' },
};

/** The rules that the terms of a published rule set say. */
const EASIER = `UPDATE event SET data = json_set(data, '$.terms.jpDutyPerYear', 2)
  WHERE type = 'RuleSetPublished' AND json_extract(data, '$.id') = '${JP_RULES.id}'`;

/** What is decided against the rules of the record, and written past the domain into a log that is whole. */
export const RULES: readonly Attack[] = [
  {
    name: 'rule-set-edited',
    words: { id: 'ubah aturan yang telah diterbitkan', en: 'edit a published rule set, all rebuilt' },
    attack: async (lab) => {
      await lab.log(EASIER);
      await lab.rebuildAll();
    },
    expect: () => ({ verify: 'checkpoint 0', signer: 'refuses', witness: '422' }),
  },
  {
    name: 'rule-set-after-the-decision',
    words: { id: 'aturan diterbitkan setelah keputusan', en: 'publish the rules after the decision' },
    attack: async (lab) => {
      const version = 2;
      await lab.append('TrainingCompleted', { ...TRAINING, ruleSet: { id: JP_RULES.id, version } });
      await lab.append('RuleSetPublished', { ...JP_RULES, version }, { stream: ruleSetStream(JP_RULES.id) });
      lab.bundle = await bundleOf(lab);
    },
    expect: (lab) => ({
      verify: 'nothing',
      'semantic witness': `rule-set-unpublished ${lab.size}`,
      'verify-bundle': `rule ${lab.size}`,
    }),
  },
  {
    name: 'approved-by-oneself',
    words: { id: 'pengusul menyetujui usulnya sendiri', en: 'who proposed it approves it' },
    attack: async (lab) => {
      const proposal = await lab.append('Promoted', PROMOTION);
      await lab.append('Promoted', { ...PROMOTION, proposal });
    },
    expect: (lab) => ({ verify: 'nothing', 'semantic witness': `approved-by-oneself ${lab.size + 1}` }),
  },
  {
    name: 'proposal-unknown',
    words: { id: 'menyetujui usul yang tidak ada', en: 'approve a proposal that there is not' },
    attack: async (lab) => {
      await lab.append('Promoted', { ...PROMOTION, proposal: '00000000-0000-7000-8000-000000000001' });
    },
    expect: (lab) => ({ verify: 'nothing', 'semantic witness': `proposal-unknown ${lab.size}` }),
  },
  {
    name: 'evidence-never-kept',
    words: { id: 'menyebut dokumen yang tidak pernah disimpan', en: 'name a document that was never kept' },
    attack: async (lab) => {
      const evidence = [{ sha256: 'a'.repeat(64), size: 3, mediaType: 'application/pdf' }];
      await lab.append('Promoted', PROMOTION, { evidence });
    },
    expect: (lab) => ({ verify: 'nothing', 'semantic witness': `evidence-unkept ${lab.size}` }),
  },
  {
    name: 'heads-forged',
    words: { id: 'ikrar kepala aliran dipalsukan', en: 'commit to heads that are not those of the streams' },
    attack: async (lab) => {
      const heads = { asOf: lab.size, count: 3, root: Buffer.alloc(32).toString('base64') };
      await lab.append('HeadsCommitted', heads, { stream: 'ledger-heads' });
    },
    expect: (lab) => ({ verify: 'nothing', 'semantic witness': `heads-differ ${lab.size}` }),
  },
  {
    name: 'revision-skipped',
    words: { id: 'nomor urut dilompati', en: 'leave a place free in a stream, for later' },
    attack: async (lab) => {
      await lab.append('Promoted', PROMOTION);
      await lab.log(`UPDATE event SET revision = revision + 1 WHERE position = ${lab.size + 1}`);
    },
    expect: (lab) => ({
      verify: `revision ${lab.size}`,
      'semantic witness': `revision-gap ${lab.size}`,
      witness: 'nothing',
    }),
  },
  {
    name: 'written-past-the-domain',
    words: { id: 'catatan baru ditulis langsung ke log', en: 'a new event written into the log by hand' },
    attack: async (lab) => {
      await lab.append('Promoted', PROMOTION);
    },
    expect: () => ({ verify: 'nothing', witness: 'nothing', 'semantic witness': 'nothing' }),
    stays:
      'an event that keeps every rule a witness knows is an event like any other: it is in the log for ever, with its time and who is said to have recorded it, but events are not signed by their actors',
  },
];
