// Owns the proof of the catalogue: it shows every title of a published catalog, found as a person types, by category; posters come
// through the server, when they are asked for; and what differs between two catalogs is what the portal changed.

import { expect, onTestFinished, test } from 'vitest'
import { stalkerEmulator } from '../../src/testing/emulators/index.ts'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

async function world(titles = 240) {
  const made = await apiWorld()
  const portal = await stalkerEmulator({ titles, channels: 5, categories: 6 })
  onTestFinished(() => portal.close())
  const tv = await made.mirror.portal(portal)
  expect((await tv.sync()).status).toBe('succeeded')
  return { ...made, portal, tv }
}

test('every title of the catalog is shown, found by its words and its category', async () => {
  const { link, mirror } = await world()
  const { page } = await open(link, '/catalogue')
  const shelf = page.getByRole('listbox', { name: 'Titles' })
  await shelf.waitFor()
  const status = page.getByRole('search').getByRole('status')
  const all = Number(
    mirror.value(
      'SELECT (SELECT count(*) FROM stalker_movies) + (SELECT count(*) FROM stalker_series) + (SELECT count(*) FROM stalker_channels)',
    ),
  )
  await expect.poll(() => status.innerText()).toBe(`${all} titles`)
  const word = String(
    mirror.value("SELECT lower(substr(name, 1, instr(name || ' ', ' ') - 1)) FROM stalker_movies LIMIT 1"),
  )
  await page.getByRole('searchbox').fill(word)
  await page.getByLabel('Kind').selectOption('movies')
  const found = Number(
    mirror.value(
      `SELECT count(*) FROM stalker_movies WHERE instr(lower(name || ' ' || coalesce(original_name, '')), '${word}') > 0`,
    ),
  )
  await expect.poll(() => status.innerText()).toBe(`${found} title${found === 1 ? '' : 's'}`)
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ q: word, stream: 'movies' })
  await page.getByRole('searchbox').fill('')
  const [{ category_id: category, n } = {}] = mirror.sql(
    'SELECT category_id, count(*) n FROM stalker_movies GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1',
  )
  await page.getByLabel('Category').selectOption(String(category))
  await expect.poll(() => status.innerText()).toBe(`${String(n)} titles`)
  await page.reload()
  await expect.poll(() => status.innerText()).toBe(`${String(n)} titles`)
  await page.getByLabel('Order').selectOption('rating')
  await shelf.press('End')
  await shelf.press('o')
  await page.getByRole('link', { name: 'Source text' }).waitFor()
})

test('posters are asked of the server alone, and only when a person wants them', async () => {
  const { link, portal } = await world(60)
  const { page } = await open(link, '/catalogue?stream=movies')
  await page.locator('[data-title]').first().waitFor()
  const images: string[] = []
  page.on('response', (response) => {
    if (response.url().includes('/image?'))
      images.push(`${response.status()} ${response.headers()['content-type'] ?? ''}`)
  })
  await page.waitForTimeout(200)
  expect(images).toEqual([])
  await page.getByRole('button', { name: 'Posters' }).click()
  await expect.poll(() => images.filter((one) => one === '200 image/gif').length).toBeGreaterThan(3)
  await expect
    .poll(() => page.evaluate('[...document.images].filter((one) => one.naturalWidth > 0).length'))
    .toBeGreaterThan(3)
  expect(portal.url).toContain('127.0.0.1')
})

test('what differs between two catalogs is what the portal changed', async () => {
  const { link, portal, tv, mirror } = await world(60)
  const before = new Set(mirror.sql('SELECT _key FROM stalker_movies').map(({ _key }) => String(_key)))
  portal.world.add(3)
  await tv.sync()
  const came = mirror.sql('SELECT _key FROM stalker_movies').filter(({ _key }) => !before.has(String(_key)))
  const { page } = await open(link, '/catalogue')
  await page.getByLabel('Compared with').selectOption({ label: 'Compared with 1' })
  const region = page.getByRole('region', { name: 'movies' })
  await region.waitFor()
  expect(came.length).toBeGreaterThan(0)
  expect(await region.getByRole('heading', { name: /^Came/ }).innerText()).toContain(String(came.length))
})

test('everybody can use it, in light and dark, wide and narrow', async () => {
  const { link } = await world(120)
  for (const [theme, size] of [
    ['light', 'wide'],
    ['dark', 'phone'],
  ] as const) {
    const { page } = await open(link, '/catalogue', { theme, size })
    await page.locator('[data-title]').first().waitFor()
    expect([theme, size, await barriers(page)]).toEqual([theme, size, []])
    const over = await page.evaluate(
      `Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES[size].width}`,
    )
    expect([theme, size, over]).toEqual([theme, size, 0])
  }
})
