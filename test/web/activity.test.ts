// Owns the proof of the activity: it lists what the change feed has, the newest first; what comes shows by itself, and waits
// while somebody reads further down.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

const USERS = { ada: { stars: 120, token: 'token-of-ada' }, ben: { stars: 5, token: 'token-of-ben' } } as const

async function changed() {
  const world = await apiWorld({ users: USERS })
  const { tidemark, github } = world
  for (const id of ['ada', 'ben'] as const) {
    const options = { token: USERS[id].token, baseUrl: github.url, allowPrivateNetwork: true }
    await (await tidemark.connect('github', { id, options })).sync()
  }
  github.world.drift('ada')
  github.world.unstarAt('ada', 0)
  await (await tidemark.connection('ada')).sync({ mode: 'full' })
  return world
}

const seqs = async (page: Page) =>
  (await page.evaluate(
    `[...document.querySelectorAll('ol[aria-label=Changes] > li')].map((one) => Number(one.dataset.seq))`,
  )) as readonly number[]
const stored = ({ mirror }: Awaited<ReturnType<typeof changed>>, where = '') =>
  mirror.sql(`SELECT seq FROM changes ${where} ORDER BY seq DESC LIMIT 100`).map(({ seq }) => seq)

test('changes are listed as the feed has them, filtered in the address, and each tells what is different', async () => {
  const world = await changed()
  const { link, mirror } = world
  const { page } = await open(link, '/activity')
  await expect.poll(() => seqs(page)).toEqual(stored(world))
  await page.getByRole('button', { name: 'Show older changes' }).click()
  await expect.poll(async () => (await seqs(page)).length).toBe(200)
  await page.getByRole('button', { name: 'Removed', exact: true }).click()
  await expect.poll(() => seqs(page)).toEqual(stored(world, "WHERE op = 'remove'"))
  const gone = String(mirror.value('SELECT full_name FROM github_stars_all WHERE _removed_at IS NOT NULL'))
  expect(await page.getByRole('list', { name: 'Changes' }).innerText()).toContain(gone)
  await page.getByRole('button', { name: 'All', exact: true }).click()
  await page.getByLabel('Connection', { exact: true }).selectOption('ben')
  await expect.poll(() => seqs(page)).toEqual(stored(world, "WHERE connection = 'ben'"))
  await page.reload()
  await expect.poll(() => seqs(page)).toEqual(stored(world, "WHERE connection = 'ben'"))
  // What an update changed is what the versions of the record say.
  const [update] = mirror.sql("SELECT seq, key, ordinal FROM changes WHERE op = 'update' ORDER BY seq DESC LIMIT 1")
  const { origin } = new URL(page.url())
  await page.goto(`${origin}/activity?op=update&open=${String(update?.['seq'])}`)
  const is = mirror.value(
    `SELECT stargazers_count FROM github_stars_versions WHERE _key = '${String(update?.['key'])}'
      AND _ordinal = ${String(update?.['ordinal'])}`,
  )
  const item = page.locator(`li[data-seq="${String(update?.['seq'])}"]`)
  await item.getByText('stargazers_count').waitFor()
  expect(await item.locator('ins').allInnerTexts()).toContain(`+ ${String(is)}`)
  await item.getByRole('link', { name: /^The record/ }).click()
  await expect
    .poll(() => new URL(page.url()).pathname)
    .toBe(`/connections/ada/streams/stars/records/${String(update?.['key'])}`)
})

test('what comes shows by itself, and waits while somebody reads further down', async () => {
  const world = await changed()
  const { link, github, tidemark, mirror } = world
  const { page } = await open(link, '/activity')
  await expect.poll(() => seqs(page)).toEqual(stored(world))
  github.world.star('ben', 2)
  await (await tidemark.connection('ben')).sync()
  await expect.poll(() => seqs(page), { timeout: 15_000 }).toEqual(stored(world))
  await page.evaluate('scrollTo({ top: 2000 })')
  const before = await seqs(page)
  github.world.star('ben', 3)
  await (await tidemark.connection('ben')).sync()
  const pill = page.getByRole('button', { name: /new$/ })
  await pill.waitFor()
  const n = (Number(mirror.value('SELECT max(seq) FROM changes')) || 0) - (before[0] ?? 0)
  expect(await pill.innerText()).toBe(`${n} new`)
  expect(await seqs(page)).toEqual(before)
  expect(await page.title()).toBe(`(${n}) Activity · Tidemark`)
  await pill.click()
  await expect.poll(() => seqs(page)).toEqual(stored(world))
  expect(await page.evaluate('scrollY')).toBe(0)
})

test('the activity can be used by everybody and from the keyboard', async () => {
  const { link } = await changed()
  for (const [theme, size] of [
    ['light', 'wide'],
    ['dark', 'phone'],
  ] as const) {
    const { page } = await open(link, '/activity?op=update', { theme, size })
    await page.locator('ol[aria-label=Changes] > li').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('o')
    await page.getByRole('link', { name: 'The run that made it' }).waitFor()
    expect([theme, size, await barriers(page)]).toEqual([theme, size, []])
    const width = await page.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)')
    expect([theme, size, width]).toEqual([theme, size, size === 'wide' ? 1440 : 390])
    await page.close()
  }
  const bare = await apiWorld()
  const { page } = await open(bare.link, '/activity')
  await page.getByText('Nothing has changed').waitFor()
})
