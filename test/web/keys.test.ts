// Owns the proof of the keys of every page: where the focus goes when something opens and closes, and that no press is lost.

import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

async function world() {
  const made = await apiWorld({ stars: 40 })
  await made.connected()
  await made.synced()
  return made
}

/** The key of the row that has the focus, of a table that draws only what is in sight. */
async function activeRow(page: Page): Promise<string | null> {
  return (await page.evaluate(`(() => {
    const grid = document.activeElement
    return document.getElementById(grid.getAttribute('aria-activedescendant'))?.querySelector('a')?.innerText ?? null
  })()`)) as string | null
}

test('what is typed goes into the palette as it opens, and the focus goes back to where it was', async () => {
  const { link, mirror } = await world()
  const { page } = await open(link, '/connections/me/streams/stars')
  const grid = page.getByRole('grid')
  await grid.waitFor()
  const keys = mirror.sql('SELECT _key FROM github_stars ORDER BY length(_key), _key').map(({ _key }) => String(_key))
  await expect.poll(() => grid.getByRole('link').first().innerText()).toBe(keys[0])
  // The first press is a row already.
  await page.keyboard.press('j')
  expect(await activeRow(page)).toBe(keys[0])
  await page.keyboard.press('j')
  expect(await activeRow(page)).toBe(keys[1])
  for (const [key, dialog] of [
    ['?', 'Keys'],
    ['Control+k', 'Find or do'],
  ] as const) {
    await page.keyboard.press(key)
    await page.getByRole('dialog', { name: dialog }).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect([dialog, await activeRow(page)]).toEqual([dialog, keys[1]])
  }
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog').getByRole('combobox')
  await palette.waitFor()
  await page.keyboard.type('sett')
  expect(await palette.inputValue()).toBe('sett')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
})

test('e shows what is in a change, and puts it away again', async () => {
  const { link } = await world()
  const { page } = await open(link, '/activity')
  const changes = page.getByRole('list', { name: 'Changes' })
  await changes.getByRole('listitem').first().waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('e')
  await changes.getByText(/^The record /).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('e')
  await expect.poll(() => changes.getByText(/^The record /).count()).toBe(0)
})

test('keys hold while a box has the focus, Escape leaves a filter, and what is called as it was typed comes first', async () => {
  const { link } = await world()
  const { page } = await open(link, '/?q=m')
  await page.getByRole('checkbox', { name: 'Choose me' }).focus()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('/')
  const isFiltering = () => page.evaluate("document.activeElement.type === 'search'")
  expect(await isFiltering()).toBe(true)
  await page.keyboard.press('Escape')
  expect(await isFiltering()).toBe(false)
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('combobox').fill('sync')
  const first = page.getByRole('dialog').getByRole('option', { selected: true })
  await expect.poll(() => first.innerText()).toBe('Sync every connection')
  await page.keyboard.press('Escape')
  await page.getByRole('checkbox', { name: 'Choose me' }).focus()
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('o')
  await page.getByRole('heading', { level: 1, name: 'me' }).waitFor()
})
