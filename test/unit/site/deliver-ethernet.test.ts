import { CommissioningServer } from '../../../main/lab/index.ts';
import { deliverySuite } from '../../kit/delivery-suite.ts';
import { enbOptions, makeReferenceEnb, transportTo } from '../../kit/enb.ts';

deliverySuite('over Ethernet', {
  cutFault: 'device-closed',
  start: async (scene, pair) => {
    const options = enbOptions(scene, pair);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    let listening = await server.listen('127.0.0.1', 0);
    const { port } = listening;
    return {
      transport: transportTo(port),
      folder: options.folder,
      cut: () => void listening.close(),
      mend: async () => {
        listening = await server.listen('127.0.0.1', port);
      },
      close: () => listening.close(),
    };
  },
});
