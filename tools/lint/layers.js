// The layers of main/ as a lint rule: which folder may import which, and that a folder is entered by its index.ts.
import { dirname, relative, resolve, sep } from 'node:path';

/**
 * The folders of main/ from the ground up, each with the folders that it may import.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const layers = {
  faults: [],
  json: ['faults'],
  asn1: ['faults'],
  pki: ['faults', 'asn1'],
  keys: ['faults', 'asn1', 'pki'],
  cms: ['faults', 'asn1', 'pki', 'keys'],
  bundle: ['faults', 'json', 'asn1', 'pki', 'keys', 'cms'],
  store: ['faults'],
  audit: ['faults', 'json', 'store'],
  device: ['faults', 'json', 'pki', 'bundle'],
  workflow: ['faults', 'json', 'asn1', 'pki', 'keys', 'bundle', 'store', 'audit', 'device'],
  lab: ['faults', 'json', 'asn1', 'pki', 'keys', 'cms', 'bundle', 'device'],
  core: [
    'faults',
    'json',
    'asn1',
    'pki',
    'keys',
    'cms',
    'bundle',
    'store',
    'audit',
    'device',
    'workflow',
    'lab',
  ],
  cli: ['faults', 'core'],
};

/** What lies outside main/ and may be imported all the same: by which folder, and which files. */
export const outside = [{ folder: 'faults', files: /^assets\/locales\/[^/]+\.json$/ }];

/** The only folder that may import electron. */
export const electronFolder = 'shell';

/**
 * What is wrong with an import, as one of the rule's messages; undefined where nothing is.
 * @param {string} file the importing file, from the root, with forward slashes
 * @param {string} source what it imports, as written
 * @returns {{ messageId: keyof typeof messages, data: Record<string, string> } | undefined}
 */
export function faultOfImport(file, source) {
  const from = folderOf(file);
  if (/^electron($|\/)/.test(source) && from !== electronFolder) return { messageId: 'electron', data: {} };
  if (from === undefined || !source.startsWith('.')) return undefined;
  const target = toPath(relative('/', resolve('/', dirname(file), source)));
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
 * The folder of main/ that a file lies in; undefined for files elsewhere.
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
  electron: `Only main/${electronFolder}/ imports electron.`,
  unknown: 'main/{{from}}/ has no place among the layers: give it an allow-list in tools/lint/layers.js.',
  outside: 'main/{{from}}/ must not import {{target}}, which lies outside main/.',
  layer: 'main/{{from}}/ must not import main/{{to}}/: it is not in its allow-list in tools/lint/layers.js.',
  around: 'main/{{to}}/ is entered by its index.ts, not by {{target}}.',
};

/** @type {import('eslint').Rule.RuleModule} */
export const rule = {
  meta: { type: 'problem', schema: [], messages },
  create(context) {
    const file = toPath(relative(context.cwd, context.filename));
    /** @param {{ source?: import('estree').Expression | null | undefined }} node */
    const check = ({ source }) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const fault = faultOfImport(file, source.value);
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
