import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** One direction for imports (docs/design.md): domain <- features <- web, cli <- server. */
const from = (target, forbidden, message) => ({
  target: `./src/${target}`,
  from: forbidden.map((f) => `./src/${f}`),
  message,
});
const zones = [
  from(
    'domain',
    ['features', 'web', 'database', 'embedded-mongo', 'cli', 'i18n', 'config.ts', 'services.ts', 'app.ts', 'server.ts'],
    'domain imports nothing of ours.',
  ),
  from(
    'embedded-mongo',
    ['domain', 'features', 'web', 'database', 'cli', 'i18n', 'config.ts', 'services.ts', 'app.ts', 'server.ts'],
    'embedded-mongo imports nothing of ours.',
  ),
  ...['xlsx', 'pdf'].map((format) =>
    from(
      format,
      [
        'domain',
        'features',
        'web',
        'database',
        'embedded-mongo',
        'cli',
        'i18n',
        'config.ts',
        'services.ts',
        'app.ts',
        'server.ts',
      ],
      `${format} imports nothing of ours.`,
    ),
  ),
  from(
    'features',
    ['web', 'cli', 'embedded-mongo', 'services.ts', 'app.ts', 'server.ts'],
    'features know neither web assembly nor CLI.',
  ),
  from(
    'database',
    ['features', 'web', 'cli', 'services.ts', 'app.ts', 'server.ts'],
    'database serves features, not the reverse.',
  ),
  from('web', ['cli', 'embedded-mongo', 'server.ts'], 'web is assembled by app.ts.'),
  from('cli', ['web', 'embedded-mongo', 'app.ts', 'server.ts'], 'the CLI works on services.'),
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'public/build/', 'coverage/', 'var/'] },
  {
    files: ['src/**/*.ts', 'tests/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/order': ['error', { 'newlines-between': 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // mongoose types its schema definitions as classes and takes plain objects, as its documentation shows.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['src/cli/**/*.ts', 'src/server.ts', 'tests/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    // supertest bodies and driver answers are `any`; asserting on them is what a test does.
    files: ['tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
