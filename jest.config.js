/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/tests/load/'],
  transform: { '^.+\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // Published as ES modules only, which Jest does not load from CommonJS as Node does.
  transformIgnorePatterns: ['/node_modules/(?!(.*/)?(@scure/base|@noble/hashes|openid-client|oauth4webapi|jose)/)'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  globalSetup: '<rootDir>/tests/helpers/start-database.ts',
  globalTeardown: '<rootDir>/tests/helpers/stop-database.ts',
  setupFiles: ['<rootDir>/tests/helpers/properties.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
