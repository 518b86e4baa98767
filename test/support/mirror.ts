// Owns what tests of promises share: a mirror in a file of its own, connected to emulators over real sockets, and a
// look at it with plain SQL, as any tool would see it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { assemble, type Seams } from '../../src/assemble.ts'
import type { Connection } from '../../src/connection.ts'
import type { OpenOptions } from '../../src/open.ts'
import type { GitHubEmulator, StalkerEmulator, TikTokShopEmulator } from '../../src/testing/emulators/index.ts'
import type { Tidemark } from '../../src/tidemark.ts'

export interface Mirror {
  readonly file: string
  readonly tidemark: Tidemark
  github(emulator: GitHubEmulator, options?: Record<string, unknown>): Promise<Connection>
  shop(emulator: TikTokShopEmulator, options?: Record<string, unknown>): Promise<Connection>
  portal(emulator: StalkerEmulator, options?: Record<string, unknown>): Promise<Connection>
  /** Rows of a statement, read by another connection than the engine's. */
  sql(text: string): Record<string, unknown>[]
  /** The first column of the first row. */
  value(text: string): unknown
  [Symbol.asyncDispose](): Promise<void>
}

export async function openMirror(options: OpenOptions & Seams = {}): Promise<Mirror> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
  const file = join(folder, 'mirror.db')
  const tidemark = await assemble({ database: file, key: new Uint8Array(32).fill(7), ...options })
  const sql = (text: string) => {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      return database.prepare(text).all() as Record<string, unknown>[]
    } finally {
      database.close()
    }
  }
  return {
    file,
    tidemark,
    github: (emulator, over = {}) =>
      tidemark.connect('github', {
        id: 'me',
        options: { token: 'token-of-ada', baseUrl: emulator.url, allowPrivateNetwork: true, ...over },
      }),
    shop: (emulator, over = {}) => {
      const { accessToken, refreshToken } = emulator.world.credentials()
      const { appKey, appSecret, shopCipher, url } = emulator
      const secrets = { appKey, appSecret, accessToken, refreshToken }
      const settings = { ...secrets, shopCipher, baseUrl: url, authUrl: url, allowPrivateNetwork: true, ...over }
      return tidemark.connect('tiktok-shop', { id: 'shop', options: settings })
    },
    portal: ({ mac, portalUrl }, over = {}) =>
      tidemark.connect('stalker', { id: 'tv', options: { portalUrl, mac, allowPrivateNetwork: true, ...over } }),
    sql,
    value: (text) => Object.values(sql(text)[0] ?? {})[0],
    async [Symbol.asyncDispose]() {
      await tidemark.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
