// The way of the data is one way: these are the only directions in which folders may know each other.
const MAY_IMPORT = {
  consent: [],
  files: [],
  http: [],
  tracing: [],
  didomi: ['consent', 'files', 'http'],
  brevo: ['consent', 'http', 'tracing'],
  config: ['consent'],
  encryption: ['config'],
  simulator: [],
  temporal: ['config'],
  resync: ['brevo', 'didomi', 'consent', 'config', 'encryption', 'files', 'workflows/resync/contract'],
  workflows: ['consent'],
  activities: [
    'brevo',
    'didomi',
    'consent',
    'config',
    'resync',
    'workflows/(activities-contract|contract|didomi-contract|forget/contract|resync/(contract|activities-contract))',
  ],
  client: [
    'consent',
    'didomi',
    'config',
    'encryption',
    'temporal',
    'tracing',
    'workflows/(contract|story|forget/contract|resync/contract)',
  ],
  metrics: [
    'brevo',
    'didomi',
    'consent',
    'config',
    'temporal',
    'client',
    'workflows/(contract|outcome-sink|resync/contract)',
  ],
};

const layers = Object.entries(MAY_IMPORT).map(([folder, others]) => ({
  name: `${folder}-imports-only-its-own`,
  comment: `${folder}/ may import ${others.length > 0 ? others.join(', ') : 'nothing'} of ours; see docs/architecture.md`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: '^(consent|files|http|tracing|didomi|brevo|config|encryption|simulator|temporal|resync|workflows|activities|client|metrics|worker|ingest|cli)/',
    pathNot: [`^${folder}/`, ...others.map((other) => `^${other}`)],
  },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'rules-are-pure',
      comment: 'consent/ decides without I/O, clock or libraries',
      severity: 'error',
      from: { path: '^consent/' },
      to: { dependencyTypes: ['npm', 'core'] },
    },
    {
      name: 'workflow-code-stays-in-the-sandbox',
      comment: 'zod and axios do not belong into workflow code, nor does anything of Node',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { dependencyTypes: ['npm', 'core'], pathNot: 'node_modules/@temporalio/(workflow|common)/' },
    },
    {
      name: 'http-client-stays-in-the-clients',
      comment: 'axios errors carry keys: nothing but the one place that sends requests may meet them',
      severity: 'error',
      from: { pathNot: '^http/' },
      to: { path: 'node_modules/axios/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node'],
    },
  },
};
