import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { connections, type Connection } from '../../preload/contract/steps.ts';
import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import { errorCode, readFile } from '../files/index.ts';
import { readDocument } from '../json/index.ts';
import { locales } from '../words/index.ts';

/** What the administrator of this computer allows. */
export interface Policy {
  /** The administrator's file, if there is one. */
  readonly file?: string;
  /** Whether the user may practise with emulated eNBs. */
  readonly training: boolean;
  /** How bundles may reach an eNB. */
  readonly connections: readonly Connection[];
  /** The language of all words, if the file names one. It is one that Siteseal has; today there is only one. */
  readonly language?: string | undefined;
}

/** What a computer without a policy allows: everything. */
export const withoutPolicy: Policy = { training: true, connections };

export const policyFormat = 'siteseal-policy/1';

/** The schema of `policy.json`. A member that is absent restricts nothing. */
export const policySchema = z.strictObject({
  format: z.literal(policyFormat),
  training: z.boolean().optional(),
  connections: z
    .array(z.enum(connections, 'policy-connections' satisfies Rule))
    .refine((names) => new Set(names).size === names.length, 'policy-connections' satisfies Rule)
    .meta({ uniqueItems: true })
    .optional(),
  language: z.enum(Object.keys(locales), 'policy-language' satisfies Rule).optional(),
});

/** A policy has a few dozen bytes. */
const maximumSize = 64 * 1024;

/** The mode bits that let anyone but the owner write. */
const writableByOthers = 0o022;

/** Where the policy is, and to whom it must belong. */
export interface PolicyPlace {
  readonly file: string;
  /** The user id of the administrator. Undefined where the system has none: on Windows. */
  readonly owner: number | undefined;
}

/**
 * Reads the policy of this computer. Everything is allowed if there is no file. Refuses with `policy-invalid` a file that
 * breaks the format, that is no regular file, or that others than the owner could have written.
 */
export function readPolicy({ file, owner }: PolicyPlace): Result<Policy, 'policy-invalid'> {
  const where = { file };
  const folder = dirname(file);
  try {
    if (!lstatSync(file).isFile() || !lstatSync(folder).isDirectory())
      return refuse('policy-invalid', { rule: 'policy-file', where });
    for (const path of [folder, file]) {
      const found = otherWriter(lstatSync(path), owner);
      if (found !== undefined)
        return refuse('policy-invalid', { rule: 'policy-owner', found: `${path}: ${found}`, where });
    }
  } catch (error) {
    const found = errorCode(error);
    return found === 'ENOENT' ? ok(withoutPolicy) : refuse('policy-invalid', { where, found });
  }
  const bytes = readFile(file, maximumSize, [folder]);
  if (!bytes.ok) {
    const { code, found } = bytes.fault;
    return refuse('policy-invalid', {
      ...(code === 'file-too-large' && { rule: 'policy-size' }),
      ...(found !== undefined && { found }),
      where,
    });
  }
  const document = readDocument(bytes.value, policyFormat, policySchema);
  if (!document.ok) {
    const { code: _, ...facts } = document.fault;
    return refuse('policy-invalid', { ...facts, where: { file, ...facts.where } });
  }
  const { training, connections: allowed, language } = document.value;
  return ok({
    file,
    training: training ?? withoutPolicy.training,
    connections: allowed ?? withoutPolicy.connections,
    language,
  });
}

/** Who besides the owner can change a file or folder; undefined if nobody can. */
function otherWriter({ uid, mode }: Stats, owner: number | undefined): string | undefined {
  if (owner === undefined) return undefined;
  if (uid !== owner) return `user ${uid}`;
  return (mode & writableByOthers) === 0 ? undefined : `mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`;
}

/** Why something is not allowed. */
export type PolicyFaultCode = 'policy-invalid' | 'forbidden-by-policy';

/**
 * Whether the policy allows training or a connection. Nothing that a policy can forbid is allowed while the policy
 * cannot be read.
 */
export function permit(
  { policy }: { readonly policy: Result<Policy, 'policy-invalid'> },
  wanted: 'training' | Connection,
): Result<void, PolicyFaultCode> {
  if (!policy.ok) return policy;
  const { file, training, connections: allowed } = policy.value;
  const isTraining = wanted === 'training';
  if (isTraining ? training : allowed.includes(wanted)) return ok(undefined);
  return refuse('forbidden-by-policy', {
    ...(!isTraining && allowed.length > 0 && { expected: allowed.join(', ') }),
    found: wanted,
    where: { ...(file !== undefined && { file }), field: isTraining ? 'training' : 'connections' },
  });
}
