import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSettings } from '@app/config';
import { describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');

const compose = read('docker-compose.yml');
const image = read('Dockerfile');

/** The lines under a key of the file, by their indentation. */
function under(text: string, key: string): string {
  const [, indent = '', rest = ''] = new RegExp(`^( *)${key}:.*\n([\\s\\S]*)`, 'm').exec(text) ?? [];
  const end = rest.split('\n').findIndex((line) => line !== '' && !line.startsWith(`${indent} `));
  return rest
    .split('\n')
    .slice(0, end < 0 ? undefined : end)
    .join('\n');
}

const services = under(compose, 'services');
const service = (name: string) => under(services, name);
const names = [...services.matchAll(/^ {2}([a-z]+):/gm)].map(([, name = '']) => name);
const OURS = ['api', 'follower', 'sealer', 'courier'];
const SERVERS = ['kurrentdb', 'postgres', 'redis'];

/** The settings of our processes, as compose would make them of what is in `.env`. */
function environment(dotenv: Readonly<Record<string, string>>): Record<string, string> {
  const lines = under(under(compose, 'x-jejak'), 'environment').matchAll(/^ +([A-Z_]+): (.*)$/gm);
  const filled = (value: string) =>
    value.replaceAll(/\$\{([A-Z_]+):([?-])([^}]*)\}/g, (_, name: string, kind: string, otherwise: string) => {
      if (!dotenv[name] && kind === '?') throw new Error(otherwise);
      return dotenv[name] ?? otherwise;
    });
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, filled(value)]));
}

const DOTENV = {
  POSTGRES_PASSWORD: 'abc',
  OIDC_ISSUER: 'https://issuer.example',
  OIDC_AUDIENCE: 'urn:jejak',
  OIDC_JWKS_URL: 'https://issuer.example/jwks',
  METRICS_TOKEN: 'def',
};

describe('the production form', () => {
  it('is our processes by roles, and the servers that they need', () => {
    expect(names).toEqual([...OURS, ...SERVERS]);
    for (const name of OURS) {
      expect(service(name)).toContain('<<: *jejak');
      expect(service(name)).toContain(`<<: *settings, ROLES: ${name}`);
    }
  });

  it('gives its processes settings that are in order, and none that nobody reads', () => {
    const asked = new Set<string>();
    const env = new Proxy<Record<string, string>>(
      { NODE_ENV: 'production', ...environment(DOTENV) },
      {
        get: (target, name: string) => {
          asked.add(name);
          return target[name];
        },
      },
    );
    expect(readSettings(env)).toMatchObject({
      places: {
        log: 'kurrentdb://kurrentdb:2113?tls=false',
        database: 'postgres://jejak:abc@postgres:5432/jejak',
      },
      redisUrl: 'redis://redis:6379',
      auth: { kind: 'oidc' },
      metricsToken: 'def',
      production: true,
    });
    expect([...asked]).toEqual(expect.arrayContaining(Object.keys(environment(DOTENV))));
    const open = environment({ ...DOTENV, EVENT_STORE: 'postgres' });
    expect(readSettings({ NODE_ENV: 'production', ...open }).places.log).toContain('@postgres:5432');
  });

  it('does not start without its secrets: none has a default', () => {
    for (const name of Object.keys(DOTENV))
      expect(() => environment({ ...DOTENV, [name]: '' })).toThrow(`set ${name} in .env`);
    const secrets = compose.split('\n').filter((line) => /PASSWORD|TOKEN|SECRET|\/\/\w+:.*@/.test(line));
    expect(secrets.length).toBeGreaterThanOrEqual(3);
    for (const line of secrets) expect(line).toMatch(/\$\{(POSTGRES_PASSWORD|METRICS_TOKEN):\?/);
  });

  it('shows the outside one door, on this machine alone, and keeps its servers on a network of their own', () => {
    expect(compose.match(/^ +ports:.*$/gm)).toEqual([`    ports: ["\${PUBLISH:-127.0.0.1:3000}:3000"]`]);
    for (const name of SERVERS) expect(service(name)).toMatch(/^ +networks: \[inside\]$/m);
    expect(compose).toMatch(/^ {2}inside: \{ internal: true \}$/m);
  });

  it('takes from its processes what they do not need, and gives them time to end in order', () => {
    const ours = under(compose, 'x-jejak');
    for (const promise of [
      /^ {2}read_only: true$/m,
      /^ {2}cap_drop: \[ALL\]$/m,
      /^ {2}security_opt: \["no-new-privileges:true"\]$/m,
      /^ {2}stop_grace_period: 15s$/m,
    ])
      expect(ours).toMatch(promise);
  });

  it('starts a process when its servers are well, and keeps what they hold', () => {
    const waits = under(under(compose, 'x-jejak'), 'depends_on');
    for (const name of SERVERS) {
      expect(waits).toMatch(new RegExp(`^ +${name}: \\{ condition: service_healthy`, 'm'));
      expect(service(name)).toMatch(/^ {4}healthcheck:$/m);
      expect(service(name)).toMatch(new RegExp(`^ {4}volumes: \\["${name}:/`, 'm'));
      expect(compose).toMatch(new RegExp(`^volumes:\n(  .*\n)*  ${name}: \\{\\}$`, 'm'));
      expect(service(name)).toMatch(/^ {4}image: [a-z/]+:\d+(\.\d+)?(-[a-z]+)?$/m);
    }
    expect(service('api')).toContain('volumes: ["evidence:/data/evidence"]');
    expect(compose).toMatch(/^volumes:\n {2}evidence: \{\}$/m);
    expect(service('redis')).toContain('--appendonly, "yes", --maxmemory-policy, noeviction');
    expect(service('kurrentdb')).toContain('KURRENTDB_MAX_APPEND_SIZE: "2097152"');
  });
});

describe('the image', () => {
  const [build = '', ...rest] = image.split(/^FROM /m).slice(1);
  const final = rest.at(-1) ?? '';

  it('is made in two stages, of one pinned Node, from the lockfile, without what only developers need', () => {
    expect(image.match(/^FROM .*$/gm)).toEqual([
      'FROM node:24-bookworm-slim AS build',
      'FROM node:24-bookworm-slim',
    ]);
    expect(build).toMatch(/npm ci[\s\S]*npm run build && npm prune --omit=dev/);
    expect(final.match(/^COPY .*$/gm)?.every((line) => line.startsWith('COPY --from=build /jejak/'))).toBe(
      true,
    );
  });

  it('runs as nobody in particular, on data that are its own, and says whether it is ready', () => {
    expect(final).toMatch(
      /install -d -o node -g node -m 0700 \/data \/data\/evidence\nUSER node\nVOLUME \/data/,
    );
    expect(final).toMatch(/HEALTHCHECK[\s\S]*\/readyz/);
    expect(final).toMatch(/ENTRYPOINT \["node"\]\nCMD \["dist\/apps\/server\/src\/main\.js"\]/);
  });
});
