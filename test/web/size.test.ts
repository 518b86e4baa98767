// Owns the proof that the dashboard stays light: how much script the first view loads, and that all of it is compressed.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { DIST } from './built.ts'
import { dashboard } from './dashboard.ts'

/** Of the first view, in bytes as they go over the wire by gzip. */
const SCRIPT_MAX = 200 * 1_024

const open = dashboard()

test('the first view loads little, and each of its files is there compressed', async () => {
  const { link, connected } = await apiWorld()
  await connected()
  const { page } = await open(link)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  const names = (await page.evaluate(
    `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)`,
  )) as string[]
  const scripts = [...new Set(names.filter((name) => name.endsWith('.js')))]
  const sizes = scripts.map((name) => statSync(join(DIST, `${name}.gz`)).size)
  expect(scripts.length).toBeGreaterThan(2)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(SCRIPT_MAX)
  // What is published, and not the form of React for those who write pages.
  for (const name of scripts) expect(readFileSync(join(DIST, name), 'utf8')).not.toContain('unique "key" prop')
  const assets = readdirSync(join(DIST, 'assets'))
  for (const asset of assets.filter((one) => /\.(?:js|css)$/.test(one))) {
    expect(assets).toEqual(expect.arrayContaining([`${asset}.br`, `${asset}.gz`]))
    // The name says what is in it, so that a browser may keep it for ever.
    expect(asset).toMatch(/-[\w-]{8}\.(?:js|css)$/)
  }
  expect(readFileSync(join(DIST, 'NOTICES.txt'), 'utf8')).toContain('@tanstack/react-router\n')
})
