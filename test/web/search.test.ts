// Owns the proof of the search page: what it finds is what the database has, as it is typed; earlier answers never stand over
// later ones, filters stand in the address, and everything works from the keyboard.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { piecesOf } from '../../web/src/parts/pieces.ts'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

const USERS = {
  ada: { stars: 60, token: 'token-of-ada' },
  ben: { stars: 20, token: 'token-of-ben' },
} as const

/** Two accounts, indexed; one of ada's stars is gone. */
async function indexed() {
  const world = await apiWorld({ users: USERS })
  const { tidemark, github } = world
  for (const id of ['ada', 'ben'] as const) {
    const options = { token: USERS[id].token, baseUrl: github.url, allowPrivateNetwork: true }
    await (await tidemark.connect('github', { id, options })).sync()
  }
  github.world.unstarAt('ada', 0)
  await (await tidemark.connection('ada')).sync({ mode: 'full' })
  const word = String(world.mirror.value('SELECT full_name FROM github_stars LIMIT 1')).split(/[^A-Za-z]/)[0] ?? ''
  await expect.poll(async () => (await tidemark.search(word)).waiting).toBe(0)
  return { ...world, word }
}

/** The ways to the records that are shown, in their order. */
const keysOf = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('ol[aria-label=Results] a')].map((link) => link.pathname)`) as Promise<
    readonly string[]
  >
const box = (page: Page) => page.getByRole('searchbox', { name: 'Search' })

test('words are marked where they begin, whatever their case and accents', () => {
  const marked = (text: string, sought: string) =>
    piecesOf(text, sought)
      .map(({ text: piece, isFound }) => (isFound ? `[${piece}]` : piece))
      .join('')
  expect(marked('Über Müllers Mühle', 'mull')).toBe('Über [Müll]ers Mühle')
  expect(marked('a-b.c', 'b C')).toBe('a-[b].[c]')
  expect(marked('nothing', '')).toBe('nothing')
  expect(marked('ﬁre fire', 'fi')).toBe('[ﬁre] [fi]re')
})

test('what is typed is found as the API finds it, with the best first, and the address keeps it', async () => {
  const { link, tidemark, word } = await indexed()
  const { page } = await open(link, '/search')
  await page.getByText('Type to search').waitFor()
  // The input has the focus: nothing is to be clicked.
  await page.keyboard.type(word, { delay: 15 })
  const { results } = await tidemark.search(word, { limit: 30 })
  const paths = results.map(
    ({ connection, stream, key }) => `/connections/${connection}/streams/${stream}/records/${encodeURIComponent(key)}`,
  )
  expect(paths.length).toBeGreaterThan(0)
  await expect.poll(() => keysOf(page)).toEqual(paths)
  expect(await page.locator('mark').first().innerText()).toBe(word)
  expect(new URL(page.url()).searchParams.get('q')).toBe(word)
  await page.getByLabel('Connection', { exact: true }).selectOption('ben')
  const ofBen = (await tidemark.search(word, { connection: 'ben', limit: 30 })).results.length
  await expect.poll(async () => (await keysOf(page)).length).toBe(ofBen)
  await page.reload()
  await expect.poll(async () => (await keysOf(page)).length).toBe(ofBen)
  expect(await box(page).inputValue()).toBe(word)
})

test('a record without any of the words says that it is near in meaning', async () => {
  const { link, tidemark, word } = await indexed()
  const { page } = await open(link, `/search?q=${word}&by=meaning`)
  const { results } = await tidemark.search(word, { semantic: true, limit: 30 })
  const hasWord = (text: string) => piecesOf(text, word).some(({ isFound }) => isFound)
  const near = results.filter(({ title, snippet }) => !hasWord(title) && !hasWord(snippet)).length
  expect([near > 0, near < results.length]).toEqual([true, true])
  await expect.poll(async () => (await keysOf(page)).length).toBe(results.length)
  expect(await page.getByText('near in meaning').count()).toBe(near)
})

test('removed records are found when they are asked for', async () => {
  const { link, mirror } = await indexed()
  const [gone] = mirror.sql(
    "SELECT _key, full_name FROM github_stars_all WHERE _removed_at IS NOT NULL AND _connection = 'ada'",
  )
  const name = String(gone?.['full_name'])
  const { page } = await open(link, `/search?q=${encodeURIComponent(name)}&connection=ada`)
  await page.getByRole('button', { name: 'Removed' }).click()
  await expect.poll(() => keysOf(page)).toEqual([`/connections/ada/streams/stars/records/${String(gone?.['_key'])}`])
  expect(new URL(page.url()).searchParams.get('show')).toBe('removed')
})

test('a slow answer to what was typed before never stands over a later one', async () => {
  const { link, word } = await indexed()
  const { page } = await open(link, '/search')
  let held: (() => void) | undefined
  const isHeld = new Promise<void>((resolve) => {
    held = resolve
  })
  const cancelled: string[] = []
  page.on('requestfailed', (request) => cancelled.push(new URL(request.url()).searchParams.get('q') ?? ''))
  await page.route(/q=zzzz/, async (route) => {
    await isHeld
    await route.fulfill({ json: { results: [], waiting: 0, notice: null } }).catch(() => {})
  })
  const asked = page.waitForRequest(/q=zzzz/)
  await box(page).fill('zzzz')
  await asked
  await box(page).fill(word)
  await expect.poll(async () => (await keysOf(page)).length).toBeGreaterThan(0)
  expect(cancelled).toEqual(['zzzz'])
  held?.()
  await page.waitForTimeout(100)
  expect((await keysOf(page)).length).toBeGreaterThan(0)
})

test('results are walked through and opened from the keyboard, and found in the palette', async () => {
  const { link, word, tidemark } = await indexed()
  const { page } = await open(link, `/search?q=${word}`)
  await expect.poll(async () => (await keysOf(page)).length).toBeGreaterThan(1)
  const paths = await keysOf(page)
  await box(page).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).pathname).toBe(paths[1])
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.goBack()
  await expect.poll(() => keysOf(page)).toEqual(paths)
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill(word)
  const [first] = (await tidemark.search(word, { limit: 6 })).results
  await page
    .getByRole('dialog')
    .getByText(first?.title ?? '', { exact: true })
    .first()
    .click()
  await expect.poll(() => new URL(page.url()).pathname).toBe(paths[0])
})

test('the search can be used by everybody, and says when nothing is found and what went wrong', async () => {
  const { link, word } = await indexed()
  for (const [theme, size] of [
    ['light', 'wide'],
    ['dark', 'phone'],
  ] as const) {
    const { page } = await open(link, `/search?q=${word}`, { theme, size })
    await expect.poll(async () => (await keysOf(page)).length).toBeGreaterThan(0)
    expect([theme, size, await barriers(page)]).toEqual([theme, size, []])
    const width = await page.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)')
    expect([theme, size, width]).toEqual([theme, size, size === 'wide' ? 1440 : 390])
    await box(page).fill('xyzzyxyzzy')
    await page.getByText('Nothing is called').waitFor()
    await page.close()
  }
  const { page } = await open(link, `/search?q=${word}&connection=nobody`)
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').innerText()).toContain('connection_unknown')
})
