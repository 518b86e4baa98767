// Owns how these tests read stars from a GitHub emulator: as a client does, by following links.

import { type GitHubEmulator, type GitHubOptions, githubEmulator } from '../../src/testing/emulators/index.ts'
import { ask, during, type Reply } from './asking.ts'

export const STAR = { accept: 'application/vnd.github.star+json' }
export const ADA = { ...STAR, authorization: 'Bearer token-of-ada' }
export const NOON = { at: '2026-05-20T12:00:00Z' }

export const start = (options: GitHubOptions = {}) => during(githubEmulator({ clock: NOON, ...options }))

export interface Row {
  readonly starred_at: string
  readonly repo: { readonly id: number; readonly full_name: string; readonly stargazers_count: number }
}

export const relation = (reply: Reply, rel: string) =>
  new RegExp(`<([^>]*)>; rel="${rel}"`).exec(reply.headers.get('link') ?? '')?.[1]

/** Follows the links to the end. */
export async function readStars(emulator: GitHubEmulator, path: string, headers: Record<string, string> = ADA) {
  const pages: Row[][] = []
  for (let url: string | undefined = emulator.url + path; url; ) {
    const reply: Reply = await ask(url, { headers })
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`)
    pages.push(reply.json)
    url = relation(reply, 'next')
  }
  return pages
}

export const idsOf = (pages: readonly (readonly Row[])[]) => pages.flat().map((row) => row.repo.id)
