// Owns where a demo keeps its things: a folder of its own with a database and a key, never a person's own.

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TidemarkError } from '../../model/errors.ts'
import type { GlobalOptions } from '../cli.ts'

export interface DemoHome {
  /** The folder that was made for it; undefined when nothing of it lies there. */
  readonly folder: string | undefined
  readonly database: string
  /** The key file of the demo; undefined when the environment names a key, which then is used. */
  readonly keyFile: string | undefined
  readonly key: Uint8Array | undefined
}

/**
 * A new folder under the system's temporary one. A database that was asked for is used if it is not there yet; the one
 * that the environment names may be a person's real one, and then is left alone.
 *
 * @throws TidemarkError demo_database_exists
 */
export async function demoHome(
  { database: named, databaseFrom }: Pick<GlobalOptions, 'database' | 'databaseFrom'>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DemoHome> {
  if (databaseFrom === 'option' && existsSync(named)) {
    throw new TidemarkError(
      'demo_database_exists',
      `The database ${named} is there already, and the demo fills a database of its own.`,
    )
  }
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-demo-'))
  const isOurs = databaseFrom === 'default' || databaseFrom === 'config' || existsSync(named)
  const database = isOurs ? join(folder, 'tidemark.db') : resolve(named)
  if (environment['TIDEMARK_KEY'] !== undefined || environment['TIDEMARK_KEY_FILE'] !== undefined) {
    return { folder: isOurs ? folder : undefined, database, keyFile: undefined, key: undefined }
  }
  const key = randomBytes(32)
  const keyFile = join(folder, 'key')
  await writeFile(keyFile, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  return { folder, database, keyFile, key }
}
