// Owns the proof that a person connects a service from the dashboard: the form that the connector's options make, what the
// server says of them beside each field, whose login it is, and the first sync; and that the first start is three clicks long.

import { expect, onTestFinished, test } from 'vitest'
import { LocalSamples } from '../../src/cli/demo/samples.ts'
import { loginLink, newLoginCode } from '../../src/server/api/login-links.ts'
import { createApp } from '../../src/server/app.ts'
import { listen } from '../../src/server/listen.ts'
import { apiWorld } from '../server/api-world.ts'
import { SIZES } from './browser.ts'
import { barriers, barriersOfColour, dashboard } from './dashboard.ts'

const open = dashboard()

test('a service is chosen, connected with what its options ask, and read for the first time', async () => {
  const { link, github, mirror, tidemark } = await apiWorld({ stars: 40 })
  const { page } = await open(link, '/add')
  await page.keyboard.press('/')
  await page.keyboard.type('starred')
  expect(await page.getByRole('list', { name: 'Connectors' }).getByRole('heading').allInnerTexts()).toEqual(['GitHub'])
  expect(new URL(page.url()).search).toBe('?q=starred')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Connect GitHub' }).waitFor()
  const name = page.getByLabel('Name')
  expect(await name.inputValue()).toBe('github')
  const connect = page.getByRole('button', { name: 'Connect' })
  // What the server says is shown where it belongs, in its own words.
  await page.getByLabel('User').fill('no such login!')
  await connect.click()
  await page.getByText('User is no GitHub login.').waitFor()
  expect(await page.evaluate('document.activeElement.name')).toBe('user')
  await page.getByLabel('User').fill('')
  await connect.click()
  await page.getByText('User or token is needed.').waitFor()
  expect(await tidemark.connections()).toEqual([])
  // A login that is refused is said so, and can be mended.
  await page.getByText('Advanced').click()
  await page.getByLabel('Base URL').fill(github.url)
  await page.getByLabel('Allow private network').check()
  const token = page.getByRole('textbox', { name: 'Token' })
  expect(await token.getAttribute('type')).toBe('password')
  await token.fill('token-of-nobody')
  await page.getByRole('button', { name: 'Show Token' }).click()
  expect(await token.getAttribute('type')).toBe('text')
  await connect.click()
  await page.getByText('token_rejected').waitFor()
  expect(await barriers(page)).toEqual([])
  await token.fill('token-of-ada')
  await page.getByRole('button', { name: 'Test it again' }).click()
  await page.getByText('takes the login, and calls it user ada').waitFor()
  expect(await barriers(page)).toEqual([])
  // Nothing was read before somebody has seen whose it is.
  expect(mirror.value('SELECT count(*) FROM runs')).toBe(0)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'github' }).waitFor()
  const row = page.getByRole('row', { name: /^stars/ })
  await expect.poll(() => row.innerText()).toMatch(/\b40\b/)
  expect(mirror.value('SELECT count(*) FROM github_stars')).toBe(40)
})

test('a name that is taken is not taken again, and what was made by mistake is discarded', async () => {
  const { link, connected, github, tidemark } = await apiWorld()
  await connected()
  const { page } = await open(link, '/add/github')
  const name = page.getByLabel('Name')
  await name.fill('me')
  await page.getByText('A connection is called me already.').waitFor()
  await name.fill('not a name')
  await page.getByLabel('User').fill('ada')
  await page.getByRole('button', { name: 'Connect' }).click()
  await page.getByText("can't be the id of a connection").waitFor()
  await name.fill('other')
  await page.getByText('Advanced').click()
  await page.getByLabel('Base URL').fill(github.url)
  // Private addresses are refused.
  await page.getByRole('button', { name: 'Connect' }).click()
  await page.getByText('other is kept').waitFor()
  const ids = async () => (await tidemark.listConnections({ all: true })).map(({ id }) => id)
  expect(await ids()).toEqual(['me', 'other'])
  await page.getByRole('button', { name: 'Discard other' }).click()
  await expect.poll(() => ids()).toEqual(['me'])
  await page.getByRole('button', { name: 'Connect' }).waitFor()
})

test('from nothing to data in three clicks, with a service that the server emulates', async () => {
  const { tidemark, mirror } = await apiWorld()
  const samples = new LocalSamples()
  const loginCode = newLoginCode()
  const server = await listen(createApp({ api: { tidemark: () => tidemark, loginCode, samples } }), { port: 0 })
  onTestFinished(async () => {
    await server.close()
    await samples.close()
  })
  const { page } = await open(loginLink(server.url, loginCode))
  let clicks = 0
  const click = async (name: string) => {
    clicks++
    await page.getByRole('button', { name }).click()
  }
  await click('Try an emulated GitHub')
  await page.getByRole('heading', { level: 1, name: 'github-sample' }).waitFor()
  const row = page.getByRole('row', { name: /^stars/ })
  await expect.poll(() => row.innerText()).toMatch(/\b616\b/)
  expect(mirror.value('SELECT count(*) FROM github_stars')).toBe(616)
  expect(clicks).toBeLessThanOrEqual(3)
  // The server that comes after begins it anew.
  await samples.close()
  const next = new LocalSamples()
  onTestFinished(() => next.close())
  await next.resume(tidemark)
  const connection = await tidemark.connection('github-sample')
  expect((await connection.sync()).status).toBe('succeeded')
})

test('a session that may not connect is told what it lacks', async () => {
  const { link, tokens } = await apiWorld()
  const { page } = await open(link.replace(/#.*/, ''), '/add/github')
  await page.getByLabel('Or log in with a token').fill(tokens.read)
  await page.keyboard.press('Enter')
  await page.getByText('Connecting a service needs the scope').waitFor()
  expect(await page.getByRole('button', { name: 'Connect' }).count()).toBe(0)
})

test('adding can be used by everybody, in light and dark, wide and narrow', async () => {
  const { link } = await apiWorld()
  for (const size of ['wide', 'phone'] as const) {
    const { page, another } = await open(link, '/', { size })
    await page.getByText('Nothing is connected yet').waitFor()
    for (const path of ['/', '/add', '/add/stalker', '/add/sheets']) {
      const shown = await another(path)
      await shown.waitForTimeout(200)
      const details = shown.locator('summary')
      if ((await details.count()) > 0) await details.click()
      expect([size, path, await barriers(shown)]).toEqual([size, path, []])
      expect([size, path, await barriersOfColour(shown, 'dark')]).toEqual([size, path, []])
      const over = await shown.evaluate(
        `Math.max(document.documentElement.scrollWidth, innerWidth) - ${SIZES[size].width}`,
      )
      expect([size, path, over]).toEqual([size, path, 0])
      await shown.close()
    }
  }
})

test('pages that have nothing to show in an empty mirror lead to a first connection', async () => {
  const { link } = await apiWorld()
  const { page, another } = await open(link)
  for (const path of ['/runs', '/activity', '/search']) {
    const empty = await another(path)
    const door = empty.getByRole('main').getByRole('link', { name: 'Add a connection' })
    await door.waitFor()
    // What there is nothing of is not filtered.
    expect([path, await empty.getByLabel('Mode').count(), await empty.getByLabel('Kind').count()]).toEqual([path, 0, 0])
    await door.click()
    await empty.getByRole('heading', { level: 1, name: 'Add a connection' }).waitFor()
    await empty.close()
  }
  expect(await page.getByRole('main').getByRole('heading', { name: 'Nothing is connected yet' }).count()).toBe(1)
})
