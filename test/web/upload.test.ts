// Owns the proof that a file is uploaded from the dashboard: chosen or dropped, with what it would change shown first, and
// nothing written before a person says so.

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { type ExportOptions, tiktokExportEmulator } from '../../src/testing/emulators/index.ts'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

async function exporting() {
  const world = await apiWorld()
  const tiktok = await tiktokExportEmulator({ favorites: 40, likes: 10 })
  onTestFinished(() => tiktok.close())
  const options = { baseUrl: tiktok.url, allowPrivateNetwork: true }
  await world.tidemark.connect('tiktok-export', { id: 'saved', options })
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-test-'))
  const file = (form?: ExportOptions) => tiktok.exportFile(form).writeTo(mkdtempSync(join(folder, 'file-')))
  const stored = () => Number(world.mirror.value('SELECT count(*) FROM tiktok_export_favorites'))
  return { ...world, tiktok, file, stored }
}

/** As a person drops a file on something. */
async function drop(page: Page, target: string, path: string): Promise<void> {
  const data = await page.evaluateHandle(`(() => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(readFileSync(path).toString('base64'))}), (one) => one.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], 'export.json'))
    return transfer
  })()`)
  await page.dispatchEvent(target, 'drop', { dataTransfer: data })
}

const counted = (page: Page, name: string) => page.locator(`[data-count="${name}"]`).innerText()

test('a file is chosen, shown as what it would change, and then read', async () => {
  const { link, tiktok, file, stored } = await exporting()
  const { page } = await open(link, '/connections/saved')
  await page.getByRole('link', { name: 'Upload' }).click()
  await page.getByLabel('Drop a file here').setInputFiles(await file())
  await page.locator('[data-diff]').waitFor()
  expect(await counted(page, 'Added')).toBe('40')
  expect(stored()).toBe(0)
  await page.getByRole('button', { name: 'Read it' }).click()
  await page.locator('[data-done]').waitFor()
  expect(await page.locator('[data-done]').innerText()).toContain('40 added')
  expect(stored()).toBe(40)
  tiktok.world.save('favorites', 3)
  tiktok.world.unsaveAt('favorites', 20)
  await page.getByRole('button', { name: 'Upload another one' }).click()
  // On the phone of a person, and in a ZIP.
  await page.getByLabel('Drop a file here').setInputFiles(await file({ pack: 'zip' }))
  await page.locator('[data-diff]').waitFor()
  expect([await counted(page, 'Added'), await counted(page, 'Removed')]).toEqual(['3', '1'])
  expect(await page.getByRole('list', { name: 'Added: keys' }).getByRole('listitem').count()).toBe(3)
  await page.getByRole('button', { name: 'Read it' }).click()
  await page.locator('[data-done]').waitFor()
  expect(stored()).toBe(42)
  await page.getByRole('link', { name: 'Go to saved' }).click()
  await expect.poll(() => page.getByRole('row', { name: /^favorites/ }).innerText()).toMatch(/\b42\b/)
})

test('a file is dropped on the connection, and what of it cannot be read is shown', async () => {
  const { link, file, stored } = await exporting()
  const { page } = await open(link, '/connections/saved')
  await page.getByRole('link', { name: 'Upload' }).waitFor()
  await drop(page, 'main', await file({ extraRows: { favorites: [{ Date: '2026-01-01 00:00:00', Link: 7 }] } }))
  await page.locator('[data-diff]').waitFor()
  expect([await counted(page, 'Added'), await counted(page, 'Unreadable')]).toEqual(['40', '1'])
  await page.getByText('2026-01-01 00:00:00').waitFor()
  expect(await barriers(page)).toEqual([])
  expect(stored()).toBe(0)
})

test('what is no such file says what is wrong, and the stream may be another one', async () => {
  const { link, file } = await exporting()
  const { page, another } = await open(link, '/connections/saved/upload?stream=likes', { size: 'phone', theme: 'dark' })
  await page.getByLabel('Drop a file here').setInputFiles({
    name: 'notes.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"nothing": true}'),
  })
  await page.getByText('section_missing').waitFor()
  expect(await page.getByRole('button', { name: 'Read it' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Choose another one' }).click()
  expect(await page.getByLabel('Stream').inputValue()).toBe('likes')
  await page.getByLabel('Drop a file here').setInputFiles(await file())
  await page.locator('[data-diff]').waitFor()
  expect(await counted(page, 'Added')).toBe('10')
  await page.getByLabel('Stream').selectOption('favorites')
  await expect.poll(() => counted(page, 'Added')).toBe('40')
  expect(await barriers(page)).toEqual([])
  const over = await page.evaluate(`Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES.phone.width}`)
  expect(over).toBe(0)
  const none = await another('/connections/saved/upload')
  expect(await barriers(none)).toEqual([])
})
