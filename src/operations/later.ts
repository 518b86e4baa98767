// Owns loading parts of the engine when an operation first needs them, so that a face starts quickly. A part that was
// loaded once is there without a turn of the event loop: a simulation loads all of them before it begins.

const parts: (() => Promise<unknown>)[] = []

/** A part of the engine, loaded at its first use. */
export function later<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loaded: Module | undefined
  const get = async () => (loaded ??= await load())
  parts.push(get)
  return get
}

/** Loads every part that an operation which is imported may need. */
export async function loadParts(): Promise<void> {
  for (const get of parts) await get()
}
