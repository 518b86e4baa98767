// Owns the mirror that the tests of operators' commands begin with, and a sync that stands still where they want it to.

import { join } from 'node:path'
import { expect } from 'vitest'
import { githubEmulator } from '../../src/testing/emulators/index.ts'
import { doorOf } from '../support/door.ts'
import { connectGitHub, type Ending, place } from './program.ts'

/** A mirror with a key file of its own, connected and synced. */
export async function mirror(ending: Ending, stars = 120) {
  const github = await githubEmulator({ stars, limits: false })
  ending.onTestFinished(() => github.close())
  const here = place(ending)
  const env = { XDG_CONFIG_HOME: join(here.folder, 'config') }
  const ask = (args: readonly string[], more: Record<string, string> = {}) =>
    here.ask(args, { env: { ...env, ...more } })
  expect((await ask(connectGitHub(github))).code).toBe(0)
  return {
    github,
    here,
    env,
    ask,
    keys: join(here.folder, 'config', 'tidemark'),
    file: join(here.folder, 'tidemark.db'),
  }
}

/** Connects again, so that the next sync stands still before this page until it is let go on. */
export async function heldAt(page: number, { github, ask }: Awaited<ReturnType<typeof mirror>>, ending: Ending) {
  const door = await doorOf(github)
  ending.onTestFinished(() => door.close())
  expect((await ask(connectGitHub({ ...github, url: door.url }))).code).toBe(0)
  return { stands: door.shut(new RegExp(`[?&]page=${page}\\b`)), open: () => door.open() }
}
