import { Option, type Command } from 'commander';
import { fill, words } from '../words/index.ts';
import type { Add } from './add-command.ts';
import { labOperator, labVendor } from './lab-authority-commands.ts';
import { demo, ipsecChoices, labEnb, trainingRestart } from './lab-commands.ts';
import { labDns } from './lab-dns-command.ts';
import { caseNames, formNames, labRun, runKinds } from './lab-run-command.ts';
import { labRaCa } from './lab-ra-ca-command.ts';
import { labSeg } from './lab-seg-command.ts';
import {
  collect,
  forms,
  oneOf,
  parseAnswer,
  parseConnectTo,
  parseCount,
  parseFail,
  parseMinutes,
  parseOffset,
  parsePort,
} from './option-values.ts';
import { labRegistrations } from './prepare-command.ts';

const { commands, options } = words.cli;

/** `siteseal lab …`, `siteseal demo` and `siteseal training …` */
export function addLab(program: Command, add: Add): void {
  const lab = program.command('lab').description(commands.lab);
  add(
    lab,
    'enb',
    commands.labEnb,
    (command) =>
      command
        .requiredOption('--identity <file>', options.identity)
        .requiredOption('--key <file>', options.key)
        .option('--chain <file>', options.chain)
        .requiredOption('--vendor-root <file>', options.root)
        .option('--host <address>', options.host, '127.0.0.1')
        .requiredOption('--port <number>', options.port, parsePort)
        .option('--advertise', options.advertise)
        .option('--usb <number>', options.usbIp, parsePort)
        .requiredOption('--state <folder>', options.state)
        .option('--drive <folder>', options.labDrive)
        .option('--connect-to <host:port=address:port>', options.connectTo, parseConnectTo, {})
        .addOption(new Option('--ipsec <kind>', options.ipsec).choices(ipsecChoices).default('none'))
        .option('--clock-offset <minutes>', options.clockOffset, parseOffset, 0)
        .option('--fail <how>', fill(options.fail, { forms }), parseFail)
        .option('--passphrase-file <file>', options.passphrase),
    labEnb,
  );
  add(
    lab,
    'ra-ca',
    commands.labRaCa,
    (command) =>
      command
        .requiredOption('--state <folder>', options.state)
        .requiredOption('--registrations <file>', options.registrations, collect)
        .option('--registration-key <file>', options.registrationKey)
        .option('--registration-signer <file>', options.registrationSigner, collect, [])
        .option('--vendor-root <file>', options.root, collect, [])
        .option('--untrusted <file>', options.untrusted, collect, [])
        .option('--host <address>', options.host, '127.0.0.1')
        .requiredOption('--port <number>', options.port, parsePort)
        .option('--name <dn>', options.raName)
        .option('--ca <file>', options.ca)
        .option('--ca-key <file>', options.caKey)
        .option('--chain <file>', options.caChain)
        .option('--new-root <file>', options.newRoot)
        .option('--validity <minutes>', options.validity, parseMinutes)
        .option('--wait <times>', options.wait, parseCount, 0)
        .option('--passphrase-file <file>', options.passphrase),
    labRaCa,
  );
  add(
    lab,
    'seg',
    commands.labSeg,
    (command) =>
      command
        .option('--state <folder>', options.segState)
        .requiredOption('--certificate <file>', options.segCertificate)
        .requiredOption('--key <file>', options.key)
        .option('--chain <file>', options.segChain)
        .requiredOption('--trust <file>', options.segTrust, collect)
        .option('--untrusted <file>', options.untrusted, collect, [])
        .option('--crl <file>', options.crl, collect, [])
        .option('--identity <name>', options.segIdentity)
        .option('--subnet <address/prefix>', options.segSubnet, collect, [])
        .option('--pool <address/prefix>', options.segPool, collect, [])
        .option('--listen <address>', options.segListen, collect, [])
        .option('--proposal <algorithms>', options.segProposal, collect, [])
        .option('--esp-proposal <algorithms>', options.segEspProposal, collect, [])
        .option('--childless', options.segChildless)
        .addOption(new Option('--stand-in', options.segStandIn).conflicts('childless'))
        .option('--passphrase-file <file>', options.passphrase),
    labSeg,
  );
  add(
    lab,
    'registrations',
    commands.labRegistrations,
    (command) =>
      command
        .argument('<inventory>', words.cli.arguments.inventory)
        .requiredOption('--profile <file>', options.profile)
        .requiredOption('--out <file>', options.registrationsFile)
        .option('--inventory-key <file>', options.inventoryKey)
        .option('--skip-bad', options.skipBad, false)
        .option('--passphrase-file <[vendor=]file>', options.passphrase, collect, []),
    labRegistrations,
  );
  add(
    lab,
    'vendor',
    commands.labVendor,
    (command) =>
      command
        .requiredOption('--out <folder>', options.authorityOut)
        .option('--name <company>', options.company, 'Lab Vendor')
        .option('--enb <serial>', options.factoryEnb, collect, [])
        .option('--revoke <serial>', options.revokedEnb, collect, [])
        .option('--certify <file>', options.certify)
        .option('--operator <company>', options.certifiedOperator, 'Lab Operator'),
    labVendor,
  );
  add(
    lab,
    'operator',
    commands.labOperator,
    (command) =>
      command
        .requiredOption('--out <folder>', options.authorityOut)
        .option('--name <company>', options.company, 'Lab Operator')
        .option('--seg <host>', options.gateway, collect, [])
        .option('--expired <host>', options.expiredGateway, collect, [])
        .option('--certify <request>', options.certifyRequest)
        .option('--passphrase-file <file>', options.newPassphrase),
    labOperator,
  );
  add(
    lab,
    'dns',
    commands.labDns,
    (command) =>
      command
        .option('--host <address>', options.host, '127.0.0.1')
        .requiredOption('--port <number>', options.udpPort, parsePort)
        .option('--answer <name=address>', options.answer, parseAnswer, {}),
    labDns,
  );
  add(
    lab,
    'run',
    commands.labRun,
    (command) =>
      command
        .addOption(new Option('--ipsec <kind>', options.ipsec).choices(runKinds).default('strongswan'))
        .addOption(
          new Option('--form <name>', options.form)
            .choices(formNames)
            .argParser(oneOf(formNames))
            .default([]),
        )
        .addOption(
          new Option('--case <name>', options.case)
            .choices(caseNames)
            .argParser(oneOf(caseNames))
            .default([]),
        )
        .option('--evidence <folder>', options.evidence)
        .addOption(new Option('--inside').hideHelp()),
    labRun,
  );
  add(program, 'demo', commands.demo, (command) => command, demo);
  const training = program.command('training').description(commands.training);
  add(training, 'restart', commands.trainingRestart, (command) => command, trainingRestart);
}
