// Keeps what comes from the core, so that a test can ask for it.
const seen = {
  /** @type {unknown[]} */
  messages: [],
  closed: 0,
  /** @type {MessagePort | undefined} */
  port: undefined,
};
Object.assign(globalThis, { seen });

window.addEventListener('message', (event) => {
  const [port] = event.ports;
  if (event.data.kind !== 'siteseal-port' || port === undefined) return;
  seen.port = port;
  port.addEventListener('message', ({ data }) => seen.messages.push(data));
  port.addEventListener('close', () => seen.closed++);
  port.start();
});
