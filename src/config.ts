// Owns what a person may declare in tidemark.config.ts: the database, connectors of their own, and connections.
//
//   export default defineConfig({
//     database: 'mirror.db',
//     connectors: [mine],
//     connections: { me: { connector: 'github', options: { user: 'ada', token: process.env.GITHUB_TOKEN } } },
//   })

import type { Connector } from './connector/connector.ts'

export interface Config {
  /** A file (relative to the config's folder) or a postgres:// address. The command line and the environment win. */
  readonly database?: string
  /** The project that connections belong to. @default 'default' */
  readonly project?: string
  /** Connectors of one's own, beside the built-in ones. */
  readonly connectors?: readonly Connector<never>[]
  /** By id. Made, or changed where they differ, at the beginning of `tidemark sync` and `tidemark serve`. */
  readonly connections?: Readonly<Record<string, DeclaredConnection>>
}

export interface DeclaredConnection {
  /** A connector, or the name of one: a built-in one, or one of `connectors`. */
  readonly connector: string | Connector<never>
  /** Secrets too: read them from the environment, so that they don't stand in the file. Undefined: not given. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Such as `every 15m`, `cron 0 3 * * *`, `adaptive` or `off`. Absent: whatever the command line has set. */
  readonly schedule?: string
}

/** Gives the editor the types. A plain object does as well. */
export function defineConfig(config: Config): Config {
  return config
}
