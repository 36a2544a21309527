// The manual page siteseal(1), made from the help of the command line.
import { productVersion } from '../../main/core/index.ts';
import { buildProgram } from '../../main/cli/program.ts';
import { words } from '../../main/words/index.ts';

type Command = ReturnType<typeof buildProgram>;

/** As in docs/formats/README.md. */
const exitCodes = [
  'Done.',
  'Refused, because of the data.',
  'The command was not understood.',
  'A problem with this computer.',
  'A problem with the device or the connection to it.',
];

/** The page in the language of `man`. */
export function manPage(): string {
  const program = buildProgram(() => undefined);
  const { description } = words.cli;
  return [
    `.TH SITESEAL 1 "" "Siteseal ${text(productVersion())}"`,
    '.SH NAME',
    `siteseal \\- ${text(description)}`,
    '.SH SYNOPSIS',
    '.B siteseal',
    '.br',
    '.B siteseal',
    '.I command',
    'option ...',
    '.SH DESCRIPTION',
    'Without arguments, Siteseal opens its window. With arguments it runs one command and needs no display.',
    '.SH COMMANDS',
    ...leavesOf(program).flatMap(section),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap((meaning, code) => ['.TP', `.B ${code}`, meaning]),
    '.SH FILES',
    '.TP',
    '.I /etc/siteseal/policy.json',
    "The administrator's policy.",
    '',
  ].join('\n');
}

/** The commands that do something, as opposed to those that contain others. */
function leavesOf(command: Command): readonly Command[] {
  const inner = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== 'help');
  return inner.length === 0 ? [command] : inner.flatMap(leavesOf);
}

function section(command: Command): readonly string[] {
  const help = command.createHelp();
  const options = help
    .visibleOptions(command)
    .filter((option) => option.long !== '--help')
    .flatMap((option) => ['.TP', `.B ${text(option.flags)}`, text(option.description)]);
  return [`.SS ${text(help.commandUsage(command))}`, text(command.description()), ...options];
}

/** Text in which `man` finds no commands. */
function text(plain: string): string {
  return plain.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
