// Owns the list of the connectors that come with Tidemark.

import { readdir } from 'node:fs/promises'
import type { Connector } from './connector/connector.ts'

const CONNECTORS = new URL('./connectors/', import.meta.url)

/** The folder is the list: every file in connectors/ is a connector of that name. */
export async function builtInNames(): Promise<readonly string[]> {
  const files = await readdir(CONNECTORS)
  return files.flatMap((file) => /^([a-z0-9-]+)\.(?:ts|js)$/.exec(file)?.[1] ?? []).sort()
}

export async function builtIn(name: string): Promise<Connector> {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const module = (await import(new URL(`${name}.${ending}`, CONNECTORS).href)) as { default: Connector }
  return module.default
}
