// Owns the proof that coverage is drawn to scale: each interval as wide as its time is long, as the database has it.

import { expect, onTestFinished, test } from 'vitest'
import { tiktokShopEmulator } from '../../src/testing/emulators/index.ts'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

test('a window that broke off is drawn where it broke off, and whole when it was read', async () => {
  const { link, mirror } = await apiWorld()
  const emulator = await tiktokShopEmulator({ orders: 200 })
  onTestFinished(() => emulator.close())
  const shop = await mirror.shop(emulator)
  await shop.sync({ streams: ['orders'], maxRequests: 2 })
  const { page } = await open(link, '/connections/shop')
  const drawn = page.getByRole('row', { name: /^orders/ }).getByRole('img')
  await page.waitForFunction(`document.querySelector('[role=img] > :nth-child(2)') !== null`)
  const [read, gap] = (await drawn.evaluate((one) =>
    [...(one as { children: Iterable<{ style: { left: string; width: string } }> }).children].map(({ style }) => [
      Number.parseFloat(style.left),
      Number.parseFloat(style.width),
    ]),
  )) as [number, number][]
  const place = (name: string) =>
    Number(mirror.value(`SELECT json_extract(position, '$.${name}') FROM tm_walks WHERE closed_at IS NULL`))
  // A tenth of it lies before the first time that is known; the rest is the window, up to where it was asked for.
  expect(place('until')).toBeGreaterThan(place('since'))
  const expected = [0, 10, 10, 90]
  for (const [i, at] of [...(read ?? []), ...(gap ?? [])].entries())
    expect(Math.abs(at - (expected[i] ?? 0))).toBeLessThan(1.5)
  expect(await drawn.getAttribute('aria-label')).toContain('gap: from')
  expect(await barriers(page)).toEqual([])
  await shop.sync({ streams: ['orders'] })
  await expect.poll(() => drawn.locator('> *').count()).toBe(1)
  expect(await drawn.getAttribute('aria-label')).toMatch(/^read from the beginning up to /)
})
