/** Jest runs the sources as native ES modules; `npm run jest` passes the flag that needs. */
const shared = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'nodenext' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
          experimental: { keepImportAttributes: true },
        },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^@app/config$': '<rootDir>/config/index.ts',
    '^@app/domain/(.+)$': '<rootDir>/libs/domain/src/$1.ts',
    '^@app/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
  },
};

export default {
  testTimeout: 180_000,
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{apps,libs,config}/**/*.spec.ts',
        '<rootDir>/test/{contracts,golden,house}/*.spec.ts',
      ],
    },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/*.spec.ts'] },
  ],
};
