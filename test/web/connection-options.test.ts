// Owns the proof that a login is renewed and options are changed on the page of a connection: a secret is never shown, one that
// is left empty stays, what is wrong stands beside its field, and what is saved is asked about at once.

import { expect, test } from 'vitest'
import { apiWorld } from '../server/api-world.ts'
import { barriers, dashboard } from './dashboard.ts'

const open = dashboard()

test('a login that was rejected is renewed where the overview asks for it', async () => {
  const { connected, github, link, shown, synced, tidemark } = await apiWorld({ stars: 5 })
  await connected()
  github.world.revokeToken('token-of-ada')
  await synced()
  const { page } = await open(link, '/')
  await page.getByRole('region', { name: 'What needs you' }).getByRole('link', { name: 'me', exact: true }).click()
  await page.getByRole('heading', { name: 'Login and options' }).waitFor()
  expect(new URL(page.url()).search).toBe('?tab=options')
  const token = page.getByRole('textbox', { name: 'Token' })
  expect([await token.getAttribute('type'), await token.inputValue()]).toEqual(['password', ''])
  const save = page.getByRole('button', { name: 'Save and test it' })
  await token.fill('token-of-nobody')
  await save.click()
  await page.getByText('token_rejected').waitFor()
  // What is done about it is done here, and not in a terminal.
  await page.getByText('Write new credentials into the form').waitFor()
  expect(await page.getByText('tidemark connect').count()).toBe(0)
  expect(await barriers(page)).toEqual([])
  const fresh = github.world.issueToken('ada')
  await token.fill(fresh)
  await save.click()
  await page.getByText('takes the login, and calls it user ada').waitFor()
  // What was written is forgotten by the page, and told by no answer.
  expect(await token.inputValue()).toBe('')
  expect(await page.getByRole('list', { name: 'What needs you' }).count()).toBe(0)
  const [me] = await tidemark.status()
  expect(me?.standing.state).toBe('on')
  expect((await synced()).status).toBe('succeeded')
  expect(shown.filter((text) => text.includes(fresh))).toEqual([])
})

test('a secret that may be left out is taken away when a person says so, and stays otherwise', async () => {
  const { link, tidemark, mirror } = await apiWorld({ stars: 5 })
  const options = { baseUrl: 'http://127.0.0.1:9/v1', model: 'm', key: 'a-key-of-the-house', allowPrivateNetwork: true }
  await tidemark.connect('embeddings', { id: 'vec', options, check: false })
  const secrets = () => mirror.sql('SELECT name FROM tm_secrets').map(({ name }) => name)
  const { page } = await open(link, '/connections/vec?tab=options')
  const save = page.getByRole('button', { name: 'Save and test it' })
  await page.getByLabel('Model').fill('n')
  await save.click()
  await expect.poll(() => mirror.value("SELECT json_extract(options, '$.model') FROM tm_connections")).toBe('n')
  expect(secrets()).toEqual(['key'])
  await page.getByLabel('Take API key away').check()
  expect(await page.getByRole('textbox', { name: 'API key' }).getAttribute('placeholder')).toContain('taken away')
  expect(await barriers(page)).toEqual([])
  await save.click()
  await expect.poll(secrets).toEqual([])
})

test('an option is changed without the secret, refused beside its field, and taken away', async () => {
  const { connected, link, github, mirror } = await apiWorld({ stars: 5 })
  await connected()
  const { page } = await open(link, '/connections/me?tab=options', { size: 'phone' })
  const stored = () => JSON.parse(String(mirror.value('SELECT options FROM tm_connections'))) as Record<string, unknown>
  const secrets = () => mirror.sql('SELECT name, hex(sealed) AS sealed FROM tm_secrets')
  const [before, sealed] = [stored(), secrets()]
  const user = page.getByLabel('User')
  const save = page.getByRole('button', { name: 'Save and test it' })
  await user.fill('no such login!')
  await save.click()
  await page.getByText('User is no GitHub login.').waitFor()
  expect(await page.evaluate('document.activeElement.name')).toBe('user')
  expect(stored()).toEqual(before)
  await user.fill('ada')
  await save.click()
  await page.getByText('takes the login').waitFor()
  expect(stored()).toEqual({ ...before, user: 'ada' })
  expect(secrets()).toEqual(sealed)
  await page.getByText('Advanced').click()
  expect(await page.getByLabel('Base URL').inputValue()).toBe(github.url)
  expect(await page.getByLabel('Allow private network').isChecked()).toBe(true)
  expect(await barriers(page)).toEqual([])
  await user.fill('')
  await save.click()
  await expect.poll(() => stored()).toEqual(before)
  expect(secrets()).toEqual(sealed)
})
