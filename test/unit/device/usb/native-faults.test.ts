import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nativeFault } from '../../../../main/device/usb/native-faults.ts';

describe('an error of the usb module is recognised by its text', () => {
  const errors: readonly (readonly [text: string, code: string])[] = [
    ['getDevices error: /sys/bus/usb/devices/ not found (errno 2)', 'usb-unavailable'],
    ['getDevices error: /sys/bus/usb/devices/ permission denied (errno 13)', 'usb-unavailable'],
    ['Cannot find native binding. npm has a bug related to optional dependencies', 'usb-unavailable'],
    ["Cannot find module '@node-usb/usb-linux-x64-gnu'", 'usb-unavailable'],
    ['open error: permission denied (errno 13)', 'usb-no-permission'],
    ['open error: failed to open device (errno 1)', 'usb-no-permission'],
    ['claimInterface error: interface is busy (errno 16)', 'usb-busy'],
    ['open error: incompatible driver is installed for this device', 'usb-wrong-driver'],
    ['claimInterface error: incompatible driver is installed for this interface', 'usb-wrong-driver'],
    ['open error: device not found (errno 2)', 'usb-unplugged'],
    ['open error: device disconnected (errno 19)', 'usb-unplugged'],
    ['transferIn error: Disconnected', 'usb-unplugged'],
    ['controlTransferOut error: device disconnected', 'usb-unplugged'],
    ['transferIn error: Cancelled', 'device-no-answer'],
    ['controlTransferOut error: transfer was cancelled', 'device-no-answer'],
    ['transferIn error: Stall', 'device-closed'],
    ['transferOut error: Fault', 'device-closed'],
    ['something new', 'device-closed'],
  ];
  for (const [text, code] of errors) {
    it(`${text}: ${code}`, () => assert.deepEqual(nativeFault(new Error(text)), { code, found: text }));
  }
});
