import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleOf, contentOf } from '../verify/bundle.ts';
import { decisionPlan, LOG_VKEY, POLICY, plan } from '../verify/make.ts';
import { hasPython, VERIFY_PY } from '../verify/python.ts';
import { edit } from '../verify/spoiled.ts';

(hasPython ? describe : describe.skip)('verify.py on the command line', () => {
  let dir: string;
  const at = (name: string) => join(dir, name);
  const put = (name: string, content: Buffer | string): string => {
    writeFileSync(at(name), content);
    return at(name);
  };
  const run = (args: readonly string[], env: Record<string, string> = {}) =>
    spawnSync('python3', [VERIFY_PY, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  const sound = () => put('sound.zip', bundleOf(plan()));
  const policy = () => put('policy.txt', POLICY);

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'jejak-verify-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('ends with 0 for sound, and says so in both languages, with keys, times and entries', () => {
    const { status, stdout, stderr } = run([sound(), '--policy', policy()]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^UTUH \/ SOUND\n/);
    expect(stdout).toContain('LENGKAP per ukuran 5 / COMPLETE as of size 5');
    expect(stdout).toContain(`${LOG_VKEY.split('+').slice(0, 2).join('+')} (log)`);
    expect(stdout).toContain('size 7: 2026-01-05T02:06:05Z, inspektorat');
    expect(stdout).toContain('entry 4: 2026-01-05T02:04:00.000Z Promoted, TMT 2021-10-01');
  });

  it('believes one key, without witnesses', () => {
    const { status, stdout } = run([sound(), '--log-key', LOG_VKEY]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/saksi-1.*not vouched for/);
  });

  it('ends with 1 for tampered, and tells the reason, the index and the file, for people and as JSON', () => {
    const bundle = bundleOf(plan(), {
      files: edit('entries/2.leaf.json', (text) => text.replace('baik', 'kurang')),
    });
    const file = put('tampered.zip', bundle);
    const { status, stdout } = run([file, '--policy', policy()]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^DIUBAH \/ TAMPERED: inclusion\nentries\/2\.leaf\.json: .*\n.*\nIndeks .*: 2\n/);
    const said = run([file, '--policy', policy(), '--json']);
    expect(said.status).toBe(1);
    expect(JSON.parse(said.stdout)).toMatchObject({ verdict: 'tampered', reason: 'inclusion', index: 2 });
  });

  it('ends with 2 where nobody vouches for the keys', () => {
    const { status, stdout } = run([sound()]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/^BELUM DAPAT DIPUTUSKAN \/ UNDECIDED: trust\n/);
    expect(stdout).toContain('COMPLETE as of size 5');
  });

  it('tells what is missing and why', () => {
    const { stdout } = run([put('missing.zip', bundleOf(plan(6))), '--policy', policy()]);
    expect(stdout).toMatch(/missing: evidence\/[0-9a-f]{64}, tidak dibuka \/ withheld\n/);
  });

  it('does not say complete of what does not claim it', () => {
    const { stdout } = run([put('decision.zip', bundleOf(decisionPlan())), '--policy', policy()]);
    expect(stdout).toContain('not said to be complete');
    expect(stdout).not.toContain('COMPLETE');
  });

  it.each([
    ['the bundle cannot be read', () => [at('none.zip')], null],
    ['the bundle is a directory', () => [dir], null],
    ['the policy cannot be read', () => [sound(), '--policy', at('none.txt')], 'trust'],
    ['the policy is not one', () => [sound(), '--policy', put('bytes', Buffer.of(0xff, 0xfe))], 'trust'],
    ['the certificate cannot be read', () => [sound(), '--tsa-ca', at('none.pem')], null],
  ])('is undecided where %s', (_, args, reason) => {
    const { status, stdout, stderr } = run([...args(), '--json']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'undecided', reason });
  });

  it('is undecided under a command line that it does not know', () => {
    expect(run([sound(), '--log-key', LOG_VKEY, '--policy', policy()]).status).toBe(2);
    expect(run([]).status).toBe(2);
  });

  it('is undecided without openssl, and where openssl does not know Ed25519', () => {
    mkdirSync(at('none'), { recursive: true });
    mkdirSync(at('old'), { recursive: true });
    for (const place of ['none', 'old'])
      symlinkSync(
        spawnSync('python3', ['-c', 'import sys;print(sys.executable)'], { encoding: 'utf8' }).stdout.trim(),
        at(`${place}/python3`),
      );
    writeFileSync(at('old/openssl'), '#!/bin/sh\nexit 1\n');
    chmodSync(at('old/openssl'), 0o755);
    for (const place of ['none', 'old']) {
      const PATH = at(place);
      const said = run([sound(), '--policy', policy(), '--json'], { PATH: `${PATH}` });
      expect(said.status).toBe(2);
      expect(JSON.parse(said.stdout)).toMatchObject({ verdict: 'undecided', reason: null });
      // What needs no signature is told all the same.
      expect(run([put('garbage', 'PK'), '--json'], { PATH }).status).toBe(1);
    }
  });

  it('gives a terminal none of the control characters of a bundle', () => {
    const made = plan();
    Object.assign(made.leaves[2] ?? {}, { type: '\u001b[31mX\u009b\u202e' });
    const said = run([put('escape.zip', bundleOf(made)), '--policy', policy()]);
    expect(said.status).toBe(0);
    const controls = [...said.stdout].filter((one) => one !== '\n' && /[\p{Cc}\p{Cf}]/u.test(one));
    expect(controls).toEqual([]);
  });

  it('has every word that it says in English in Bahasa Indonesia too', () => {
    const { stdout, stderr } = spawnSync('python3', ['-c', WORDS, VERIFY_PY], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '[]\n', stderr: '' });
  });

  describe('with timestamps', () => {
    const openssl = (...args: string[]) => {
      const { status, stderr } = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    };
    /** The bundle with a timestamp of a text, in place of that of time/5.txt. */
    const stamped = (text?: string): string => {
      const [body = ''] = contentOf(plan()).get('time/5.txt')?.toString().split('\n\n') ?? [];
      put('body.txt', text ?? `${body}\n`);
      openssl('ts', '-query', '-data', 'body.txt', '-sha256', '-cert', '-out', 'q.tsq');
      openssl('ts', '-reply', '-queryfile', 'q.tsq', '-config', 'tsa.cnf', '-out', 'r.tsr');
      const response = readFileSync(at('r.tsr'));
      return put('stamped.zip', bundleOf(plan(), { files: (files) => files.set('time/5.tsr', response) }));
    };

    beforeAll(() => {
      put('tsa.cnf', TSA);
      put('serial', '01\n');
      for (const name of ['tsa', 'other'])
        openssl(
          ...[
            'req',
            '-x509',
            '-newkey',
            'rsa:2048',
            '-nodes',
            '-keyout',
            `${name}.key`,
            '-out',
            `${name}.pem`,
          ],
          ...['-days', '3650', '-subj', `/CN=${name}`, '-config', 'tsa.cnf', '-extensions', 'stamping'],
        );
    });

    it('shows when the authority saw the checkpoint', () => {
      const { status, stdout } = run([stamped(), '--policy', policy(), '--tsa-ca', at('tsa.pem')]);
      expect(status).toBe(0);
      expect(stdout).toMatch(/size 5: [A-Z][a-z]{2} .* GMT, RFC 3161\n/);
    });

    it('looks at none where no certificate is given', () => {
      expect(run([stamped('another text\n'), '--policy', policy()]).status).toBe(0);
    });

    it('finds tampered one of another text, and one that is garbage', () => {
      const garbage = bundleOf(plan(), { files: (files) => files.set('time/7.tsr', Buffer.from('garbage')) });
      for (const file of [stamped('another text\n'), put('garbage.zip', garbage)]) {
        const { status, stdout } = run([file, '--policy', policy(), '--tsa-ca', at('tsa.pem'), '--json']);
        expect(status).toBe(1);
        expect(JSON.parse(stdout)).toMatchObject({ reason: 'time', index: null });
      }
    });

    it('is undecided on one of another authority', () => {
      const { status, stdout } = run([
        stamped(),
        '--policy',
        policy(),
        '--tsa-ca',
        at('other.pem'),
        '--json',
      ]);
      expect(status).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'undecided', reason: null, file: 'time/5.tsr' });
    });
  });
});

const TSA = `[req]
distinguished_name = name
[name]
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
`;

/** Which words are said and have no translation, or have one and are never said. */
const WORDS = `
import ast, sys
tree = ast.parse(open(sys.argv[1], encoding='utf-8').read())
table = next(one for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id == 'BAHASA').value
known = [one.value for one in table.keys if isinstance(one, ast.Constant)]
place = {'need': 1, 'Malformed': 0, 'Said': 0}
calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and getattr(one.func, 'id', None) in place]
said = [one.args[place[one.func.id]] for one in calls]
said = {one.value for one in said if isinstance(one, ast.Constant)}
print(sorted(said ^ set(known)))
`;
