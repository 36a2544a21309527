// The layers as a lint rule: which folder of main/ may import which, that imports enter a folder through its index.ts,
// and what the preload and the page may import.
import { dirname, relative, resolve, sep } from 'node:path';

/**
 * The folders of main/ from the lowest layer up, each with the folders that it may import.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const layers = {
  faults: [],
  words: ['faults'],
  files: ['faults'],
  sqlite: ['faults', 'files'],
  json: ['faults'],
  asn1: ['faults'],
  pki: ['faults', 'asn1'],
  keys: ['faults', 'asn1', 'pki'],
  cms: ['faults', 'asn1', 'pki', 'keys'],
  cmp: ['faults', 'files', 'json', 'asn1', 'pki', 'keys'],
  ike: ['faults', 'files', 'pki'],
  bundle: ['faults', 'json', 'asn1', 'pki', 'keys', 'cms'],
  pack: ['faults', 'files', 'json', 'asn1', 'pki', 'keys', 'cms', 'bundle'],
  strongswan: ['faults', 'files', 'pki', 'bundle'],
  path: ['faults', 'files', 'pki', 'bundle', 'ike'],
  store: ['faults', 'files', 'sqlite', 'bundle', 'path'],
  work: ['faults', 'store'],
  tlog: ['faults', 'words'],
  audit: ['faults', 'words', 'files', 'json', 'store', 'work', 'tlog'],
  device: ['faults', 'files', 'json', 'pki', 'bundle'],
  drive: ['faults', 'files', 'json', 'pki', 'bundle', 'device'],
  spawn: ['faults'],
  office: [
    'faults',
    'words',
    'files',
    'json',
    'asn1',
    'pki',
    'keys',
    'cms',
    'bundle',
    'pack',
    'store',
    'audit',
    'work',
    'spawn',
  ],
  site: ['faults', 'pki', 'bundle', 'path', 'store', 'audit', 'device', 'drive', 'work'],
  lab: [
    'faults',
    'words',
    'files',
    'sqlite',
    'json',
    'asn1',
    'pki',
    'keys',
    'cmp',
    'ike',
    'bundle',
    'path',
    'device',
    'drive',
    'strongswan',
  ],
  core: [
    'faults',
    'words',
    'files',
    'json',
    'pki',
    'keys',
    'cms',
    'cmp',
    'ike',
    'bundle',
    'pack',
    'path',
    'store',
    'work',
    'tlog',
    'audit',
    'device',
    'drive',
    'office',
    'site',
  ],
  api: [
    'faults',
    'words',
    'files',
    'pki',
    'bundle',
    'store',
    'audit',
    'device',
    'drive',
    'work',
    'office',
    'site',
    'core',
  ],
  training: [
    'faults',
    'words',
    'files',
    'pki',
    'ike',
    'bundle',
    'path',
    'device',
    'drive',
    'office',
    'lab',
    'spawn',
    'core',
    'strongswan',
  ],
  host: ['faults', 'core', 'api', 'training'],
  'lab-run': ['faults', 'files', 'pki', 'lab', 'core'],
  page: [],
  shell: ['files', 'words', 'page'],
  'browser-host': ['host', 'page'],
  cli: ['faults', 'words', 'core', 'training', 'lab-run'],
};

const locales = /^assets\/locales\/[^/]+\/[^/]+\.json$/;
/** The words of the page. */
const pageLocales = /^assets\/locales\/[^/]+\/page\/[^/]+\.json$/;
const contract = /^preload\/contract\/[^/]+\.ts$/;
/** The steps as data, which import nothing. */
const steps = /^preload\/contract\/steps\.ts$/;
/** What the page imports of the contract besides types: data that imports nothing. */
const pageData = /^preload\/contract\/(steps|commands|log-kinds)\.ts$/;

/** Files outside main/ that may be imported anyway: by which folder, and which files. */
export const outside = [
  { folder: 'words', files: locales },
  { folder: 'bundle', files: steps },
  { folder: 'path', files: steps },
  { folder: 'device', files: steps },
  { folder: 'store', files: steps },
  { folder: 'site', files: steps },
  { folder: 'core', files: steps },
  { folder: 'api', files: contract },
  { folder: 'training', files: contract },
  { folder: 'host', files: contract },
  { folder: 'shell', files: contract },
  { folder: 'cli', files: /^tools\/build\.ts$/ },
];

/** The stand-alone verifier of logs, a page without a core. */
const verifier = /^renderer\/verifier\//;
/** What it shares with Siteseal: code that knows no runtime. */
const verifierShares = /^(main\/(tlog|words|faults)\/index\.ts|assets\/locales\/[^/]+\/verifier\.json)$/;

/** The only files that may import electron. */
const electronFiles = /^(main\/shell\/|preload\/bridge\.ts$)/;

/** The only files that may start threads. */
const threadFiles = /^main\/spawn\//;

/**
 * What is wrong with an import, as one of the rule's messages; undefined if nothing is.
 * @param {string} file the importing file, from the root, with forward slashes
 * @param {string} source what it imports, as written
 * @param {boolean} isOfTypes whether nothing of it is left at run time
 * @returns {{ messageId: keyof typeof messages, data: Record<string, string> } | undefined}
 */
export function faultOfImport(file, source, isOfTypes) {
  if (/^electron($|\/)/.test(source) && !electronFiles.test(file)) return { messageId: 'electron', data: {} };
  if (source === 'node:worker_threads' && file.startsWith('main/') && !threadFiles.test(file))
    return { messageId: 'threads', data: {} };
  const target = source.startsWith('.')
    ? toPath(relative('/', resolve('/', dirname(file), source)))
    : undefined;
  if (file.startsWith('main/')) return target === undefined ? undefined : faultInMain(file, target);
  if (file.startsWith('preload/')) return faultInPreload(source, target);
  if (file.startsWith('renderer/'))
    return verifier.test(file) ? faultInVerifier(source, target) : faultInPage(source, target, isOfTypes);
  return undefined;
}

/**
 * @param {string} file
 * @param {string} target
 * @returns {ReturnType<typeof faultOfImport>}
 */
function faultInMain(file, target) {
  const from = folderOf(file);
  if (from === undefined) return undefined;
  const to = folderOf(target);
  if (to === undefined) {
    const allowed = outside.some(({ folder, files }) => folder === from && files.test(target));
    return allowed ? undefined : { messageId: 'outside', data: { from, target } };
  }
  if (to === from) return undefined;
  if (!(layers[from] ?? []).includes(to)) return { messageId: 'layer', data: { from, to } };
  if (target !== `main/${to}/index.ts`) return { messageId: 'around', data: { to, target } };
  return undefined;
}

/**
 * The bridge runs in the sandbox, and the page reads the contract: neither may import anything else.
 * @param {string} source
 * @param {string | undefined} target
 * @returns {ReturnType<typeof faultOfImport>}
 */
function faultInPreload(source, target) {
  const allowed = target === undefined ? /^(zod|electron)$/.test(source) : contract.test(target);
  return allowed ? undefined : { messageId: 'preload', data: { source } };
}

/**
 * @param {string} source
 * @param {string | undefined} target
 * @param {boolean} isOfTypes
 * @returns {ReturnType<typeof faultOfImport>}
 */
function faultInPage(source, target, isOfTypes) {
  const allowed =
    target === undefined
      ? !source.startsWith('node:')
      : target.startsWith('renderer/') ||
        pageLocales.test(target) ||
        (contract.test(target) && isOfTypes) ||
        pageData.test(target);
  return allowed ? undefined : { messageId: 'page', data: { source } };
}

/**
 * @param {string} source
 * @param {string | undefined} target
 * @returns {ReturnType<typeof faultOfImport>}
 */
function faultInVerifier(source, target) {
  const allowed =
    target === undefined
      ? !source.startsWith('node:')
      : verifier.test(target) || target === 'renderer/public/mark.svg?inline' || verifierShares.test(target);
  return allowed ? undefined : { messageId: 'verifier', data: { source } };
}

/**
 * The folder of main/ that contains a file; undefined for files elsewhere.
 * @param {string} file
 */
function folderOf(file) {
  return /^main\/([^/]+)\//.exec(file)?.[1];
}

/** @param {string} path */
function toPath(path) {
  return path.split(sep).join('/');
}

const messages = {
  electron: 'Only main/shell/ and preload/bridge.ts import electron.',
  threads: 'Only main/spawn/ imports node:worker_threads.',
  unknown: 'main/{{from}}/ has no place among the layers: give it an allow-list in tools/lint/layers.js.',
  outside: 'main/{{from}}/ must not import {{target}}, which is outside main/.',
  layer: 'main/{{from}}/ must not import main/{{to}}/: it is not in its allow-list in tools/lint/layers.js.',
  around: 'main/{{to}}/ must be imported through its index.ts, not {{target}}.',
  preload:
    'preload/ must not import {{source}}: it imports its contract, zod in the contract, electron in the bridge.',
  page: 'The page must not import {{source}}: of the rest of Siteseal it has the types of preload/contract/, and the words.',
  verifier:
    'The verifier must not import {{source}}: of the rest of Siteseal it has main/tlog/, main/words/ and main/faults/, and its words.',
};

/** @type {import('eslint').Rule.RuleModule} */
export const rule = {
  meta: { type: 'problem', schema: [], messages },
  create(context) {
    const file = toPath(relative(context.cwd, context.filename));
    /** @param {{ type: string, source?: import('estree').Expression | null | undefined, importKind?: string, exportKind?: string }} node */
    const check = ({ type, source, importKind, exportKind }) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const isOfTypes = type === 'TSImportType' || importKind === 'type' || exportKind === 'type';
      const fault = faultOfImport(file, source.value, isOfTypes);
      if (fault !== undefined) context.report({ node: source, ...fault });
    };
    return {
      Program(node) {
        const from = folderOf(file);
        if (from !== undefined && !Object.hasOwn(layers, from)) {
          context.report({ node, messageId: 'unknown', data: { from } });
        }
      },
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};
