/** The house has one staircase; a room imports only the steps below it. Nobody climbs it, nobody jumps sideways. */
const room = (lib, below) => ({
  name: `${lib}-imports-only-${below.join('-and-') || 'itself'}`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  to: { path: '^(apps|libs|config)/', pathNot: [lib, ...below].map((name) => `^libs/${name}/`) },
});

export default {
  forbidden: [
    room('domain', []),
    room('proof', []),
    room('event-store', ['domain']),
    room('journal', ['proof', 'event-store', 'domain']),
    room('ledger', ['proof', 'journal', 'event-store', 'domain']),
    room('people', ['journal', 'event-store', 'domain']),
    room('projections', ['journal', 'event-store', 'domain']),
    room('jobs', ['journal', 'event-store', 'domain']),
    room('delivery', ['jobs', 'journal', 'event-store', 'domain']),
    room('siasn', ['jobs', 'people', 'projections', 'journal', 'event-store', 'domain']),
    room('record', [
      'delivery',
      'ledger',
      'proof',
      'jobs',
      'people',
      'projections',
      'journal',
      'event-store',
      'domain',
    ]),
    {
      name: 'only-specs-use-test',
      comment: 'a spec may take a server of its own from test/engines; nothing that ships imports test',
      severity: 'error',
      from: { path: '^(apps|libs|config)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'no package and no Node built-in below libs/domain',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'engine-behind-the-port',
      comment: 'only libs/event-store knows which engine keeps the log',
      severity: 'error',
      from: { pathNot: '^(libs/event-store|test/bench)/' },
      to: { path: 'node_modules/better-sqlite3/' },
    },
    {
      name: 'kurrent-client-in-one-file',
      comment:
        'docs/adr/0007: the client can be exchanged in one file; the double of the server speaks its protocol',
      severity: 'error',
      from: {
        pathNot:
          '^(libs/event-store/src/kurrent-client\\.ts|test/kurrent-double/|test/bench/kurrent\\.ts|test/e2e/kurrent-double\\.spec\\.ts)',
      },
      to: { path: 'node_modules/@eventstore/' },
    },
    {
      name: 'config-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^config/' },
      to: { path: '^(apps|libs|test)/' },
    },
    {
      name: 'only-apps-read-config',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^config/' },
    },
    {
      name: 'through-the-door',
      comment: 'a lib other than domain is imported by its index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$2/', '^libs/domain/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'apps-are-strangers',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'sdk-stands-alone',
      comment: 'who takes apps/sdk takes nothing of ours with it, and no package',
      severity: 'error',
      from: { path: '^apps/sdk/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(libs|config|test|node_modules)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.spec\\.ts$', '\\.mjs$'] },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
