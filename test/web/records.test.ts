// Owns the proof of the table of records and the page of one: they show what is stored, whatever is asked, however far down; what a
// run brings is there within two seconds, and nobody loses their place.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { movedTo, STILL, wantedParts } from '../../web/src/pages/records/ahead.ts'
import { tellingColumns } from '../../web/src/pages/records/telling.ts'
import { isStep } from '../../web/src/parts/grid/step.ts'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()
const PATH = '/connections/me/streams/stars'

async function world(stars = 900) {
  const made = await apiWorld({ stars })
  await made.connected()
  await made.synced()
  return made
}

const grid = (page: Page) => page.getByRole('grid')

/** The keys of the rows in sight, from the top. */
async function inSight(page: Page): Promise<readonly string[]> {
  return (await page.evaluate(`(() => {
    const frame = document.querySelector('[role=grid]')
    const head = frame.getBoundingClientRect().top + 36
    const foot = frame.getBoundingClientRect().bottom
    return [...frame.querySelectorAll('[data-row]')]
      .map((row) => ({ row, top: row.getBoundingClientRect().top }))
      .filter(({ top }) => top >= head - 1 && top < foot - 20)
      .sort((a, b) => a.top - b.top)
      .map(({ row }) => row.querySelector('a')?.innerText ?? '')
  })()`)) as readonly string[]
}

test('columns of addresses and other forms of the same are not shown first, unless there is nothing else', () => {
  const text = (...names: readonly string[]) => names.map((name) => ({ name, type: 'text' }))
  const film = text('id', 'name', 'original_name', 'poster', 'poster_url', 'screenshots', 'year', 'director', 'rating')
  expect(tellingColumns(film, ['rating'])).toEqual(['name', 'year', 'director', 'rating'])
  expect(tellingColumns(text('id', 'title', 'url'), [])).toEqual(['title', 'url'])
})

test('what comes next is asked for further ahead the faster somebody scrolls, and still is when rows come in meanwhile', () => {
  const start = movedTo(STILL, 0, 0)
  expect(wantedParts([0, 40], start, 200)).toEqual({ inSight: [0], around: [1, -1] })
  const slow = movedTo(start, 20, 100)
  expect(wantedParts([20, 60], slow, 200).around).toEqual([1, 2, 3, 4, -1])
  const fast = movedTo(movedTo(slow, 1_000, 1_100), 1_100, 1_200)
  expect(wantedParts([1_100, 1_140], fast, 200)).toEqual({
    inSight: [5],
    around: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 4],
  })
  // A part has come, and the same rows are asked for again.
  expect(movedTo(fast, 1_100, 1_250)).toBe(fast)
  const back = movedTo(fast, 1_090, 1_300)
  expect(wantedParts([1_090, 1_130], back, 200).around).toEqual([4, 3, 2, 1, 6])
  expect(wantedParts([1_090, 1_130], movedTo(back, 1_090, 3_000), 200).around).toEqual([6, 4])
})

test('a wheel that is turned hard goes row by row, however many pixels are a step; a bar goes to a part of the list', () => {
  const movement = { by: 1_500, at: 30_000, end: 4_000_000, height: 700, isTurned: true }
  expect(isStep(movement)).toBe(true)
  expect(isStep({ ...movement, isTurned: false })).toBe(false)
  expect(isStep({ ...movement, isTurned: false, by: -1_300 })).toBe(true)
  // At its ends, the list ends.
  expect([0, 4_000_000].map((at) => isStep({ ...movement, at }))).toEqual([false, false])
})

test('any part of the table shows what the database has there, in the order that was asked for', async () => {
  const { link, mirror } = await world()
  const { page } = await open(link, PATH)
  await grid(page).waitFor()
  expect(await page.title()).toBe('stars (900) · me · Tidemark')
  const keys = (order: string) =>
    mirror.sql(`SELECT _key FROM github_stars ORDER BY ${order}`).map(({ _key }) => String(_key))
  const byKey = keys('length(_key), _key')
  await expect.poll(async () => (await inSight(page)).slice(0, 5)).toEqual(byKey.slice(0, 5))
  await page.getByRole('columnheader').getByRole('button', { name: 'stargazers_count' }).click()
  const bySize = keys('stargazers_count DESC, length(_key), _key')
  await expect.poll(async () => (await inSight(page)).slice(0, 5)).toEqual(bySize.slice(0, 5))
  expect(new URL(page.url()).searchParams.get('order')).toBe('stargazers_count:desc')
  for (const row of [450, 880, 120]) {
    await page.evaluate(`document.querySelector('[role=grid]').scrollTop = ${row} * 34`)
    await expect
      .poll(async () => (await inSight(page)).slice(0, 5))
      .toEqual(
        bySize.slice(
          Math.min(row, 900 - (await inSight(page)).length),
          Math.min(row, 900 - (await inSight(page)).length) + 5,
        ),
      )
  }
  await page.reload()
  await expect.poll(async () => (await inSight(page)).slice(0, 3)).toEqual(bySize.slice(0, 3))
})

test('a hand that flies by leaves nothing behind that the rows in sight would wait for', async () => {
  const { link, mirror } = await world(3_000)
  const { page } = await open(link, PATH)
  await grid(page).waitFor()
  await expect.poll(async () => (await inSight(page)).length).toBeGreaterThan(5)
  const given: string[] = []
  page.on('requestfailed', (request) => given.push(new URL(request.url()).pathname))
  await page.route('**/records?**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400))
    await route.continue().catch(() => {})
  })
  for (const row of [600, 1_100, 1_600, 2_100, 2_600, 900]) {
    await page.evaluate(`document.querySelector('[role=grid]').scrollTop = ${row} * 34`)
    await page.waitForTimeout(30)
  }
  const keys = mirror.sql('SELECT _key FROM github_stars ORDER BY length(_key), _key').map(({ _key }) => String(_key))
  await expect.poll(async () => (await inSight(page)).slice(0, 5)).toEqual(keys.slice(900, 905))
  expect(given.length).toBeGreaterThan(3)
})

test('filters are the API’s, stand in the address, and the file has exactly what is shown', async () => {
  const { link, mirror } = await world(120)
  const { page } = await open(link, PATH)
  await grid(page).waitFor()
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByLabel('Column', { exact: true }).selectOption('stargazers_count')
  await page.getByLabel('Comparison').selectOption('at least')
  await page.getByLabel('Value').fill('50')
  await page.keyboard.press('Enter')
  await page.getByRole('searchbox').fill('a')
  const expected = mirror
    .sql(
      "SELECT _key FROM github_stars WHERE stargazers_count >= 50 AND full_name LIKE '%a%' ORDER BY length(_key), _key",
    )
    .map(({ _key }) => String(_key))
  expect(expected.length).toBeGreaterThan(3)
  await expect.poll(async () => (await inSight(page)).slice(0, 4)).toEqual(expected.slice(0, 4))
  expect(new URL(page.url()).searchParams.get('where')).toBe('["stargazers_count>=50"]')
  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'As JSON', exact: true }).click(),
  ])
  const parts: Buffer[] = []
  for await (const part of await download.createReadStream()) parts.push(part as Buffer)
  const file = JSON.parse(Buffer.concat(parts).toString()) as readonly { readonly _key: string }[]
  const shown = (await page.locator('h1 + div').innerText()).split(' ')[0]
  expect([file.length, file.slice(0, 4).map(({ _key }) => _key)]).toEqual([Number(shown), expected.slice(0, 4)])
  await page.getByRole('searchbox').fill('nothing like this')
  await page.getByText('No record fits').waitFor()
  await page.getByRole('button', { name: 'Show all of them' }).click()
  await expect.poll(() => page.title()).toContain('(120)')
})

test('hidden columns are not fetched, and columns keep their places and widths', async () => {
  const { link } = await world(40)
  const { page } = await open(link, PATH)
  await grid(page).waitFor()
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/records?')) asked.push(new URL(request.url()).searchParams.get('columns') ?? '')
  })
  await page.getByRole('button', { name: /^Columns/ }).click()
  await page.getByRole('searchbox', { name: 'Find a column' }).fill('language')
  await page.getByRole('checkbox', { name: 'language' }).click()
  await expect.poll(() => asked.length).toBeGreaterThan(0)
  const hasLanguage = asked.at(-1)?.split(',').includes('language')
  await page.keyboard.press('Escape')
  expect(await page.getByRole('columnheader', { name: 'language' }).count()).toBe(hasLanguage ? 1 : 0)
  const edge = page.getByRole('separator', { name: 'Width of full_name' })
  const width = Number(await edge.getAttribute('aria-valuenow'))
  await edge.press('ArrowRight')
  await page.reload()
  await grid(page).waitFor()
  await expect.poll(() => edge.getAttribute('aria-valuenow')).toBe(String(width + 16))
  expect(await page.getByRole('columnheader', { name: 'language' }).count()).toBe(hasLanguage ? 1 : 0)
})

test('what a run changes is shown within two seconds, and the rows in sight stay', async () => {
  const { link, github, tidemark, mirror } = await world(600)
  const { page } = await open(link, `${PATH}?order=starred_at%3Adesc`)
  await grid(page).waitFor()
  const stored = () =>
    mirror
      .sql('SELECT _key FROM github_stars ORDER BY starred_at DESC, length(_key), _key')
      .map(({ _key }) => String(_key))
  await expect.poll(async () => (await inSight(page)).slice(0, 3)).toEqual(stored().slice(0, 3))
  const me = await tidemark.connection('me')
  github.world.star('ada', 3)
  await me.sync()
  await expect.poll(async () => (await inSight(page)).slice(0, 3), { timeout: 2_000 }).toEqual(stored().slice(0, 3))
  await page.evaluate(`document.querySelector('[role=grid]').scrollTop = 300 * 34`)
  await expect.poll(async () => (await inSight(page))[0]).toBe(stored()[300])
  const before = await inSight(page)
  github.world.star('ada', 5)
  await me.sync()
  await expect.poll(() => page.title()).toContain('(608)')
  await expect.poll(() => inSight(page)).toEqual(before)
  expect(stored()[305]).toBe(before[0])
})

test('a record shows its fields with their origin, its versions as differences, and its text', async () => {
  const { link, github, tidemark, mirror } = await world(30)
  github.world.drift('ada')
  await (await tidemark.connection('me')).sync({ mode: 'full' })
  const key = String(mirror.value('SELECT _key FROM github_stars_versions GROUP BY _key HAVING count(*) > 1 LIMIT 1'))
  const { page } = await open(link, PATH)
  await grid(page).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('o')
  await page.getByRole('link', { name: 'History' }).waitFor()
  await page.goBack()
  await grid(page).waitFor()
  await page.goto(`${new URL(page.url()).origin}${PATH}/records/${key}`)
  await page.getByText('first seen').first().waitFor()
  const [row] = mirror.sql(`SELECT full_name, stargazers_count FROM github_stars WHERE _key = '${key}'`)
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(String(row?.['full_name']))
  expect(await page.locator('dl').first().innerText()).toContain(String(row?.['stargazers_count']))
  await page.getByRole('link', { name: /^History/ }).click()
  const versions = Number(mirror.value(`SELECT count(*) FROM github_stars_versions WHERE _key = '${key}'`))
  await expect.poll(() => page.locator('[data-version]').count()).toBe(versions)
  await page.getByRole('link', { name: 'Metrics' }).click()
  const chart = page.getByRole('figure', { name: 'stargazers_count' })
  const value = new Intl.NumberFormat('en-US').format(Number(row?.['stargazers_count']))
  await expect.poll(() => chart.innerText()).toContain(value)
  await page.getByRole('link', { name: 'Source text' }).click()
  const shown = (await page.locator('pre').innerText()).replaceAll(/\s+/g, '')
  const raw = String(mirror.value(`SELECT _raw FROM github_stars_all WHERE _key = '${key}'`)).replaceAll(/\s+/g, '')
  expect(shown).toBe(raw)
})

test('everybody can use them, in light and dark, wide and narrow', async () => {
  const { link, mirror } = await world(300)
  const record = `${PATH}/records/${String(mirror.value('SELECT min(_key) FROM github_stars'))}`
  const looks = [
    ['light', 'wide', [`${PATH}?where=["stargazers_count>=50"]&order=language`, record]],
    ['dark', 'phone', [PATH, `${PATH}?q=nothing`, `${record}?tab=history`]],
  ] as const
  for (const [theme, size, paths] of looks) {
    const { another } = await open(link, '/runs', { theme, size })
    for (const path of paths) {
      const shown = await another(path)
      await shown.locator('[role=grid], dl, ol, [role=search] ~ div').first().waitFor()
      await shown.waitForTimeout(150)
      expect([theme, size, path, await barriers(shown)]).toEqual([theme, size, path, []])
      const over = await shown.evaluate(
        `Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES[size].width}`,
      )
      expect([theme, size, path, over]).toEqual([theme, size, path, 0])
      await shown.close()
    }
  }
})

test('by what a table is ordered is in sight, however far to the right it stands, on a phone too', async () => {
  const { link } = await world(40)
  for (const size of ['wide', 'phone'] as const) {
    const { page } = await open(link, `${PATH}?order=open_issues_count:desc`, { size })
    const head = grid(page).getByRole('columnheader', { name: /^open_issues_count/ })
    await head.waitFor()
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    const { x = 0, width = 0 } = (await head.boundingBox()) ?? {}
    expect(x + width).toBeLessThanOrEqual(SIZES[size].width)
    // And of which rows, however far it has scrolled.
    const key = await grid(page).getByRole('columnheader', { name: /^key/ }).boundingBox()
    expect((key?.x ?? -1) >= 0 && (key?.x ?? 0) + (key?.width ?? 0) <= x).toBe(true)
  }
})

test('until all are counted, the first rows are no total, and it is said why it takes long', async () => {
  const { link } = await world(900)
  const { page } = await open(link, '/connections/me')
  const { promise: counted, resolve: count } = Promise.withResolvers<undefined>()
  await page.route('**/outline?**', async (route) => {
    if (route.request().url().includes('order=language')) await counted
    await route.continue()
  })
  await page.goto(`${new URL(link).origin}${PATH}?order=language`)
  await expect.poll(async () => (await inSight(page)).length).toBeGreaterThan(5)
  await page.getByText('in the order of language, for which there is no index').waitFor()
  expect(await page.title()).toBe('stars of me · Tidemark')
  count(undefined)
  await page.getByText('900 records, by language').waitFor()
})
