import { mintLocalToken, ROLES, type Role } from '@app/people';
import { type Command, Usage } from './command.ts';

export const token: Command = {
  name: 'token',
  usage: 'token --role ROLE [--as NAME] [--nip NIP] [--hours N]',
  does: [
    'Token akses setempat untuk mencoba; tidak untuk produksi.',
    'A local access token for trying things out; not for production.',
  ],
  options: {
    role: { type: 'string', means: ROLES.join(' | ') },
    as: { type: 'string', means: 'name of the account (the role)' },
    nip: { type: 'string', means: 'whose own record it is (pegawai, pimpinan)' },
    hours: { type: 'string', means: 'how long it is good for (8)' },
  },
  run: async ({ options, record, say, dataDir, settings }) => {
    if (settings.production) {
      say.remark(
        'Token setempat tidak dibuat di produksi / no local tokens in production (NODE_ENV=production)',
      );
      return 1;
    }
    const { role, as, nip, hours = '8' } = options;
    if (!(ROLES as readonly unknown[]).includes(role))
      throw new Usage(`--role is one of ${ROLES.join(', ')}`);
    if (!/^[1-9]\d{0,3}$/.test(String(hours))) throw new Usage('--hours is a whole number from 1');
    const person = typeof nip === 'string' ? await record.people.byNip(nip) : undefined;
    if (person === null) {
      say.remark(`NIP ${String(nip)} tidak ada dalam catatan / is not on the record`);
      return 1;
    }
    const minted = await mintLocalToken(
      dataDir,
      { role: role as Role, sub: String(as ?? role), ...(person ? { subject: person.subject } : {}) },
      Number(hours) * 3600,
    );
    say.result({ token: minted }, () => minted);
    return 0;
  },
};
