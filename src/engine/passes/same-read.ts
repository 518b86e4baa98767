// Owns which passes read the same: those that a connector declares with one function, though each of them asks through one
// of its own.

type Read = (...given: never[]) => unknown

const declared = new WeakMap<Read, Read>()

/** Notes that a pass asks through `asks` for what its connector declares as `read`. */
export function asksFor<R extends Read>(asks: R, read: Read): R {
  declared.set(asks, declared.get(read) ?? read)
  return asks
}

/** Whether both read by one function of their connector. */
export function isSameRead(one: Read, other: Read): boolean {
  return (declared.get(one) ?? one) === (declared.get(other) ?? other)
}
