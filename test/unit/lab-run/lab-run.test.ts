import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { catalogue, isRule } from '../../../main/faults/index.ts';
import { caseNames, checkRequirements, formNames, inNamespaces } from '../../../main/lab-run/index.ts';
import { ipsecKinds, type IpsecKind } from '../../../main/lab/index.ts';
import { endCommands, networkCommands, places } from '../../../main/lab-run/network.ts';
import { caseScenes, formScenes, sceneWith } from '../../../main/lab-run/scenes.ts';
import { words } from '../../../main/words/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

describe('the scenes of a lab run', () => {
  it('have names of their own, and words', () => {
    const names = [...formNames, ...caseNames];
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(Object.keys(words.cli.labRun.scenes).toSorted(), names.toSorted());
    const actions = [...formScenes, ...caseScenes].flatMap((scene) => scene.actions);
    const known = Object.keys(words.cli.labRun.actions);
    assert.deepEqual(
      [...new Set(actions)].filter((action) => !known.includes(action)),
      [],
    );
  });

  it('end in faults of the catalogue, where they must end in one', () => {
    for (const { name, ends } of caseScenes) {
      assert(ends && Object.hasOwn(catalogue, ends.code), name);
      if (ends.rule !== undefined) assert(isRule(ends.rule) || Object.hasOwn(catalogue, ends.rule), name);
    }
    for (const { name, ends } of formScenes) assert.equal(ends, undefined, name);
  });

  it('check in every form where the packets went, and renew through the second tunnel', () => {
    for (const { name, captured = [] } of formScenes)
      assert(
        captured.some((one) => one.name === 'renewed-inside'),
        name,
      );
  });

  const namesWith = (kind: IpsecKind) =>
    [...formScenes, ...caseScenes].flatMap((scene) => sceneWith(kind, scene)?.name ?? []);

  it('leave out with the stand-in only what is about the UDP of a tunnel', () => {
    const played = namesWith('stand-in');
    const leftOut = namesWith('strongswan').filter((name) => !played.includes(name));
    assert.deepEqual(leftOut, ['port-4500-blocked']);
  });

  it('look with the stand-in for the addresses of the gateways, and for TCP that is not its own', () => {
    const [credential, , both] = formScenes.map((scene) => sceneWith('stand-in', scene)?.captured);
    assert.deepEqual(
      credential?.map(({ filter }) => filter),
      [
        'tcp dst port 8080 and src host 198.51.100.2', // enrolled without a tunnel
        'tcp dst port 8080 and src host 192.0.2.2',
      ],
    );
    assert.deepEqual(
      both?.map(({ filter, isAbsent }) => [filter, isAbsent]),
      [
        ['tcp port 8080', true],
        ['tcp dst port 8080 and src host 192.0.2.1', false],
        ['tcp dst port 8080 and src host 192.0.2.2', false],
        ['tcp and not port 4500', true],
      ],
    );
  });

  it('have a reason in words for each kind that leaves out some', () => {
    const all = namesWith('strongswan').length;
    const kinds = ipsecKinds.filter((kind) => namesWith(kind).length < all);
    assert.deepEqual(Object.keys(words.cli.labRun.leftOut).toSorted(), kinds.toSorted());
  });
});

describe('the network of a scene', () => {
  const text = (all: ReturnType<typeof networkCommands>) =>
    all.map(({ command, input = '' }) => `${command.join(' ')}\n${input}`).join('');

  it('uses names of the scene alone, so that scenes do not meet', () => {
    const all = text([...networkCommands((place) => `x-${place}`), ...endCommands((place) => `x-${place}`)]);
    for (const place of places) {
      assert(all.includes(`netns add x-${place}\n`), place);
      assert(all.includes(`netns del x-${place}\n`), place);
      assert(!new RegExp(`netns (add |del |exec )?${place}\\b`).test(all), place);
    }
  });

  it('forwards nothing plain that comes from outside', () => {
    const all = text(networkCommands((place) => place));
    assert.equal(all.match(/echo 0 > \/proc\/sys\/net\/ipv4\/conf\/wan0\/forwarding/g)?.length, 2);
  });
});

describe('what a lab run needs of the computer', () => {
  it('is named with the packages that have it', () => {
    const folder = temporaryFolder();
    const found = checkRequirements('stand-in', { path: folder, isRoot: true });
    assert(!found.ok);
    assert.deepEqual(found.fault, {
      code: 'lab-unavailable',
      found: 'ip, unshare, nft, tcpdump',
      expected: 'apt-get install iproute2 util-linux nftables tcpdump',
    });
  });

  it('includes the right to namespaces', () => {
    const folder = join(temporaryFolder(), 'bin');
    mkdirSync(folder);
    for (const name of ['ip', 'nft', 'tcpdump']) writeFileSync(join(folder, name), '', { mode: 0o755 });
    writeFileSync(join(folder, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const found = checkRequirements('stand-in', { path: folder, isRoot: true });
    assert.deepEqual(!found.ok && found.fault, {
      code: 'lab-unavailable',
      found: 'unshare',
      expected: 'root',
    });
  });

  it('is a user namespace for those who are not root', () => {
    assert.equal(inNamespaces(true, ['x']).includes('--user'), false);
    assert.equal(inNamespaces(false, ['x']).includes('--user'), true);
  });
});
