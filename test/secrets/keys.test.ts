// Where the key of the house comes from, and what is refused instead of being worked around.

import { hash, randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openTidemark } from '../../src/open.ts'
import type { ExposedKey } from '../../src/secrets/key-file.ts'
import { exposure, findKey, fixedKey, keyName } from '../../src/secrets/keys.ts'

let folder = ''
const folders: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-keys-'))
  folders.push(folder)
})
afterAll(async () => {
  for (const one of folders) await rm(one, { recursive: true, force: true })
})

const key = randomBytes(32)
const base64 = key.toString('base64')

describe('TIDEMARK_KEY', () => {
  test.each([base64, ` ${base64}\n`, base64.replace(/=+$/, ''), key.toString('base64url')])(
    '%#: is read',
    async (text) => {
      expect(Buffer.from((await findKey({ TIDEMARK_KEY: text }).find())!)).toEqual(key)
    },
  )

  test.each([
    ['', /is empty/],
    ['  ', /is empty/],
    ['not base64!', /not base64/],
    [randomBytes(31).toString('base64'), /has 31 bytes/],
    [randomBytes(33).toString('base64'), /has 33 bytes/],
    [key.toString('hex'), /has 48 bytes/],
  ])('"%s" is refused', async (text, message) => {
    const found = findKey({ TIDEMARK_KEY: text, TIDEMARK_KEY_FILE: join(folder, 'key'), XDG_CONFIG_HOME: folder })
    await expect(found.find()).rejects.toMatchObject({
      code: 'key_invalid',
      verdict: 'stop',
      message: expect.stringMatching(message) as string,
    })
    // A wrong key is no reason to make another one.
    await expect(found.create()).rejects.toMatchObject({ code: 'key_invalid' })
    expect(await readdir(folder)).toEqual([])
  })

  test('is never shown in an error', async () => {
    const wrong = `${base64}AAAA`
    const error: unknown = await findKey({ TIDEMARK_KEY: wrong })
      .find()
      .catch((thrown: unknown) => thrown)
    expect(JSON.stringify([String(error), error])).not.toContain(base64.slice(0, 10))
  })
})

describe('TIDEMARK_KEY_FILE', () => {
  test('is read', async () => {
    const path = join(folder, 'key')
    await writeFile(path, `${base64}\n`, { mode: 0o400 })
    expect(Buffer.from((await findKey({ TIDEMARK_KEY_FILE: path }).find())!)).toEqual(key)
  })

  test('that does not exist is an error, and is not made', async () => {
    const path = join(folder, 'key')
    const source = findKey({ TIDEMARK_KEY_FILE: path, XDG_CONFIG_HOME: folder })
    await expect(source.find()).rejects.toMatchObject({ code: 'key_missing' })
    await expect(source.create()).rejects.toMatchObject({ code: 'key_missing' })
    await expect(findKey({ TIDEMARK_KEY_FILE: '', XDG_CONFIG_HOME: folder }).find()).rejects.toMatchObject({
      code: 'key_missing',
    })
    expect(await readdir(folder)).toEqual([])
  })

  test.each([0o644, 0o640, 0o604, 0o660, 0o601])('with mode %o is used, and told once', async (mode) => {
    const [path, link] = [join(folder, 'key'), join(folder, 'link')]
    await writeFile(path, base64)
    await chmod(path, mode)
    // A link does not hide what it leads to.
    await symlink(path, link)
    for (const file of [path, link]) {
      const told: ExposedKey[] = []
      const source = findKey({ TIDEMARK_KEY_FILE: file }, (exposed) => void told.push(exposed))
      expect(told).toEqual([])
      for (let i = 0; i < 3; i++) expect(Buffer.from((await source.find())!)).toEqual(key)
      expect(Buffer.from(await source.create())).toEqual(key)
      expect(told).toEqual([{ file, mode: mode.toString(8) }])
      expect(exposure(told[0]!)).toMatchObject({ code: 'key_exposed', hint: `Run: chmod 600 ${file}` })
    }
    expect((await stat(path)).mode & 0o777).toBe(mode)
  })

  test('that its owner alone may read is not spoken of', async () => {
    const path = join(folder, 'key')
    await writeFile(path, base64, { mode: 0o600 })
    const told: ExposedKey[] = []
    await findKey({ TIDEMARK_KEY_FILE: path }, (exposed) => void told.push(exposed)).find()
    expect(told).toEqual([])
  })

  test('that is no key is refused', async () => {
    const path = join(folder, 'key')
    await writeFile(path, 'hello', { mode: 0o600 })
    await expect(findKey({ TIDEMARK_KEY_FILE: path }).find()).rejects.toMatchObject({ code: 'key_invalid' })
    await expect(findKey({ TIDEMARK_KEY_FILE: folder }).find()).rejects.toMatchObject({ code: 'key_unreadable' })
  })
})

describe('the key file in the config folder', () => {
  test('is found only after it was made; it is readable by its owner alone', async () => {
    const source = findKey({ XDG_CONFIG_HOME: folder })
    const path = join(folder, 'tidemark', 'key')
    expect(source.place).toBe(path)
    expect(await source.find()).toBeUndefined()
    const made = await source.create()
    expect(made).toHaveLength(32)
    expect(await source.find()).toEqual(made)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'tidemark'))).mode & 0o777).toBe(0o700)
    expect(await readFile(path, 'utf8')).toBe(`${Buffer.from(made).toString('base64')}\n`)
    // Nothing is left of the making.
    expect(await readdir(join(folder, 'tidemark'))).toEqual(['key'])
  })

  test('is never replaced', async () => {
    const source = findKey({ XDG_CONFIG_HOME: folder })
    const made = await source.create()
    expect(await source.create()).toEqual(made)
  })

  test('is the same for all who make it at once', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, async () => findKey({ XDG_CONFIG_HOME: folder }).create()),
    )
    expect(new Set(made.map((one) => Buffer.from(one).toString('hex'))).size).toBe(1)
  })

  test('is looked for in the home folder when there is no config folder, or a relative one', async () => {
    expect(findKey({ HOME: folder }).place).toBe(join(folder, '.config', 'tidemark', 'key'))
    expect(findKey({ HOME: folder, XDG_CONFIG_HOME: 'relative' }).place).toBe(
      join(folder, '.config', 'tidemark', 'key'),
    )
    expect(findKey({ HOME: folder, XDG_CONFIG_HOME: '' }).place).toBe(join(folder, '.config', 'tidemark', 'key'))
  })

  test('that cannot be made is an error with a way out', async () => {
    await writeFile(join(folder, 'tidemark'), 'a file where a folder should be')
    await expect(findKey({ XDG_CONFIG_HOME: folder }).create()).rejects.toMatchObject({
      code: 'key_unwritable',
      hint: expect.stringContaining('TIDEMARK_KEY') as string,
    })
  })

  test('that others may read is used, and told once', async () => {
    const file = join(folder, 'tidemark', 'key')
    await mkdir(join(folder, 'tidemark'))
    await writeFile(file, base64, { mode: 0o644 })
    const told: ExposedKey[] = []
    const source = findKey({ XDG_CONFIG_HOME: folder }, (exposed) => void told.push(exposed))
    expect(Buffer.from((await source.find())!)).toEqual(key)
    expect(Buffer.from(await source.create())).toEqual(key)
    expect(told).toEqual([{ file, mode: '644' }])
  })

  test('is told to the log of a program that opens a mirror', async () => {
    vi.stubEnv('TIDEMARK_KEY', undefined)
    vi.stubEnv('TIDEMARK_KEY_FILE', join(folder, 'key'))
    onTestFinished(() => void vi.unstubAllEnvs())
    await writeFile(join(folder, 'key'), base64, { mode: 0o644 })
    const events: unknown[] = []
    const logger = { event: (...event: unknown[]) => void events.push(event) }
    await using tidemark = await openTidemark({ database: join(folder, 'mirror.db'), logger })
    expect(events).toEqual([])
    for (const id of ['me', 'you']) await tidemark.connect('github', { id, options: { token: 'token-of-ada' } })
    expect(events).toEqual([['warn', 'key.exposed', { file: join(folder, 'key'), mode: '644' }]])
  })
})

test('a key that is given has 32 bytes', async () => {
  expect(await fixedKey(key).find()).toEqual(key)
  await expect(fixedKey(randomBytes(16)).find()).rejects.toMatchObject({ code: 'key_invalid' })
})

test('the name of a key is what the command in the hint prints', () => {
  expect(keyName(key)).toBe(hash('sha256', base64, 'hex').slice(0, 12))
})
