// Owns the way to recorded and documented provider answers, which lie beside the checkout or not at all: they belong to
// others and are no part of the project.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where they lie, with a slash at its end. */
export const PROVIDER_DATA = fileURLToPath(new URL('../../../shared/provider-data/', import.meta.url))

/** Why tests that replay them are skipped; undefined when they are there. */
export const providerDataMissing = existsSync(PROVIDER_DATA)
  ? undefined
  : 'the folder with provider data is not beside the checkout'

// The caller says what it knows of the file.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function providerData<T>(path: string): T {
  return JSON.parse(readFileSync(PROVIDER_DATA + path, 'utf8')) as T
}
