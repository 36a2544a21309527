import type { FaultCode, LogAction, Rule, WarningCode } from '../faults/index.ts';
import advice from '../../assets/locales/en/advice.json' with { type: 'json' };
import checks from '../../assets/locales/en/checks.json' with { type: 'json' };
import cli from '../../assets/locales/en/cli.json' with { type: 'json' };
import demo from '../../assets/locales/en/demo.json' with { type: 'json' };
import explanation from '../../assets/locales/en/explanation.json' with { type: 'json' };
import faults from '../../assets/locales/en/faults.json' with { type: 'json' };
import log from '../../assets/locales/en/log.json' with { type: 'json' };
import logLabels from '../../assets/locales/en/log-labels.json' with { type: 'json' };
import logPdf from '../../assets/locales/en/log-pdf.json' with { type: 'json' };
import rules from '../../assets/locales/en/rules.json' with { type: 'json' };
import shell from '../../assets/locales/en/shell.json' with { type: 'json' };
import verification from '../../assets/locales/en/verification.json' with { type: 'json' };
import warnings from '../../assets/locales/en/warnings.json' with { type: 'json' };

/** The role of who can fix a fault. */
export type Fixer = keyof typeof explanation.mendedBy;

/** The words of one fault: what happened, the most likely cause, who fixes it, what to do now. */
export interface FaultWords {
  readonly meaning: string;
  readonly cause: string;
  readonly mendedBy: Fixer;
  readonly next: string;
  /** Replaces these words in the window, which has no command line. */
  readonly inWindow?: Partial<Pick<FaultWords, 'meaning' | 'cause' | 'next'>>;
}

/** The sentences of actions that ended in different ways. */
type LogVariant =
  | 'recovered-uncertain'
  | `log-verified-${'broken' | 'other'}`
  | `key-locked-${'unused' | 'ended' | 'sleep'}`
  | 'profile-removed-unreadable'
  | `${'bundle-not-opened' | 'receipt-refused'}-many`
  | `enb-identified-${'other' | 'counterfeit'}`
  | 'drive-bundle-written-failed'
  | 'drive-bundle-verified-damaged'
  | 'receipt-kept-refusal'
  | 'confirmed-skip-bad-rows'
  | `step-started-${'anywhere' | 'renewal-anywhere'}`
  | 'introduction-taken-compared'
  | 'pack-opened-stopped'
  | 'prepare-run-stopped'
  | `bundle-delivery-${'proven' | 'refused' | 'unproven' | 'unknown'}`;

/** The words of one language. The compiler rejects a code of `main/faults/` without words. */
export interface Locale {
  readonly faults: Readonly<Record<FaultCode, FaultWords>>;
  readonly rules: Readonly<Record<Rule, string>>;
  /** For rules that point to a cause more likely than that of the fault's code. */
  readonly advice: Readonly<Partial<Record<Rule, Advice>>>;
  readonly log: Readonly<Record<LogAction | LogVariant, string>>;
  /** The labels of what an entry says: of its members, and of those values that are codes. */
  readonly logLabels: {
    readonly members: Readonly<Record<string, string>>;
    readonly codes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  readonly explanation: Omit<typeof explanation, 'system'> & {
    readonly system: Readonly<Record<string, SystemWords>>;
  };
  readonly checks: typeof checks;
  readonly cli: typeof cli;
  readonly demo: typeof demo;
  readonly logPdf: typeof logPdf;
  readonly shell: typeof shell;
  readonly verification: typeof verification;
  readonly warnings: Readonly<Record<WarningCode, { readonly one: string; readonly other: string }>>;
}

/** The most likely cause of a broken rule, and what to do now. Replaces the words of the fault's code. */
export type Advice = Pick<FaultWords, 'cause' | 'next'>;

/** A system or OpenSSL error code in words. Some codes change the likely cause. */
export interface SystemWords {
  readonly found: string;
  readonly cause?: string;
  readonly next?: string;
}

/** JSON modules have no literal types, so the compiler takes any text for `mendedBy`. A test checks it. */
type Typed<Faults> = Readonly<Record<keyof Faults, FaultWords>>;

/** The words of each language. */
export const locales = {
  en: {
    faults: faults as Typed<typeof faults>,
    rules,
    advice,
    log,
    logLabels,
    explanation,
    checks,
    cli,
    demo,
    logPdf,
    shell,
    verification,
    warnings,
  },
} satisfies Readonly<Record<string, Locale>>;

/**
 * The language that an environment asks for (POSIX: `LC_ALL`, then `LC_MESSAGES`, then `LANG`) if it is one of these.
 * Otherwise the first of them.
 */
export function languageOf<Language extends string>(
  languages: readonly [Language, ...Language[]],
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const asked = ['LC_ALL', 'LC_MESSAGES', 'LANG'].map((name) => environment[name]).find(Boolean);
  const [language] = (asked ?? '').toLowerCase().split(/[_.@-]/);
  return languages.find((one) => one === language) ?? languages[0];
}

// eslint-disable-next-line no-restricted-properties -- one language for the whole process, from its first sentence on
const environment = process.env;

/** The language of this process. */
export const language = languageOf(Object.keys(locales) as [keyof typeof locales], environment);

/** The words in that language. */
export const words: Locale = locales[language];
