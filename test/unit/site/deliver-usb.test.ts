import { usbTransport } from '../../../main/device/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { deliverySuite } from '../../kit/delivery-suite.ts';
import { enbOptions, makeReferenceEnb } from '../../kit/enb.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

deliverySuite('over USB', {
  cutFault: 'usb-unplugged',
  start: (scene, pair) => {
    const options = enbOptions(scene, pair);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    const bus = new FakeUsbBus();
    const device = bus.plugIn((stream) => server.accept(stream));
    return Promise.resolve({
      transport: usbTransport(bus),
      folder: options.folder,
      cut: () => device.unplug(),
      mend: () => {
        device.plugIn();
        return Promise.resolve();
      },
      close: () => {
        device.unplug();
        return Promise.resolve();
      },
    });
  },
});
