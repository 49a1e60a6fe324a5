// One project per kind of test, so that each can be run alone: npx jest --selectProjects unit
const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.(t|mj|j)s$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
  // jose and snowball-like packages that ship ES modules only are transformed like our own code.
  transformIgnorePatterns: ['/node_modules/(?!(jose|openid-client|oauth4webapi)/)'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};
const project = (name, pattern, more = {}) => ({ ...shared, displayName: name, testMatch: [`<rootDir>/test/${pattern}`], ...more });

module.exports = {
  testTimeout: 60_000,
  projects: [
    project('unit', '{unit/**/*,architecture}.test.ts'),
    project('conversations', 'conversations/**/*.test.ts'),
    project('http', 'http/**/*.test.ts'),
    project('faults', 'faults/**/*.test.ts'),
    project('browser', 'browser/**/*.test.ts'),
  ],
};
