// Owns a folder with several accounts of an emulated GitHub, each connected, as what is to be read at once.

import { type GitHubEmulator, githubEmulator } from '../../src/testing/emulators/index.ts'
import { type Ending, type Place, place } from '../cli/program.ts'

export interface Accounts {
  readonly github: GitHubEmulator
  readonly here: Place
  /** Ids of the connections: g0, g1, … */
  readonly names: readonly string[]
}

/** `database`: where they are connected. @default a file in the folder */
export async function accounts(count: number, stars: number, ending?: Ending, database?: string): Promise<Accounts> {
  const names = Array.from({ length: count }, (_, i) => `g${i}`)
  const users = Object.fromEntries(names.map((name) => [name, { stars, token: `token-of-${name}` }]))
  const github = await githubEmulator({ users, limits: false })
  const here = place(ending)
  for (const name of names) {
    const set = { baseUrl: github.url, allowPrivateNetwork: 'true', token: `token-of-${name}` }
    await connect(here, { connector: 'github', id: name, set, database })
  }
  return { github, here, names }
}

export async function connect(
  here: Place,
  asked: {
    readonly connector: string
    readonly id: string
    readonly set: Readonly<Record<string, string>>
    readonly database?: string | undefined
  },
): Promise<void> {
  const { connector, id, set, database } = asked
  const options = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  const where = database === undefined ? [] : ['--database', database]
  const { code, stderr } = await here.ask(['connect', connector, '--id', id, '--no-check', ...options, ...where])
  if (code !== 0) throw new Error(stderr)
}
