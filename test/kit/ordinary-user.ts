const nobody = 65_534;

/** Runs the action as an ordinary user with limited rights: as nobody where root runs the tests. */
export function asOrdinaryUser<Value>(action: () => Value): Value {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(nobody);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}
