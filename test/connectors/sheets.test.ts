// Owns the proof that a tab is mirrored as it is: its headers as columns, its rows by their key, and that nothing which hides
// rows removes them.

import { describe, expect, test } from 'vitest'
import { ADA, connected, GRACE, TAB } from './sheets-world.ts'

type Given = Awaited<ReturnType<typeof connected>>

const HEADERS = ['Profile URL', 'Followers', 'Note']

describe('the columns', () => {
  test('are the headers, in snake_case; a new one is a column from the next run on, and an old one stays', async () => {
    await using given = await connected({ people: 12 })
    const { world, sync, one, keys } = given
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 12, quarantined: 0 } })
    expect(keys()).toHaveLength(12)
    expect(one(ADA)).toMatchObject({
      profile_url: ADA,
      name: 'ada',
      followers: String(world.column(TAB, 'Followers')[0]),
    })
    world.insertColumn(TAB, 1, 'Team (2026)', 'core')
    world.renameColumn(TAB, 'Name', 'First name')
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { updated: 12 } })
    expect(one(ADA)).toMatchObject({ team_2026: 'core', first_name: 'ada', name: null })
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { unchanged: 12, updated: 0 } })
  })

  test('of the same name are numbered; without a header they have their letter, without Latin letters a hash', async () => {
    await using given = await connected()
    const { world, connect, sync, one } = given
    world.addTab('Odd', [
      ['Profile URL', 'Likes', 'likes!', '', 'Подписчики', '2026', 'Zähler', 'constructor'],
      [ADA, 1, 2, 'x', 3, 4, 5, 'c'],
      [GRACE],
    ])
    await connect({ sheet: 'Odd' })
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { quarantined: 0, inserted: 2 } })
    expect(one(ADA)).toMatchObject({
      likes: '1',
      likes_2: '2',
      column_d: 'x',
      column_2026: '4',
      zahler: '5',
      constructor: 'c',
    })
    expect(
      Object.entries(one(ADA)).filter(([name, cell]) => /^column_[0-9a-f]{8}$/.test(name) && cell === '3'),
    ).toHaveLength(1)
    expect(one(GRACE)).toMatchObject({ likes: null, constructor: null })
  })

  test('of two sheets share a table, and each connection has its own', async () => {
    await using given = await connected({ people: 3 })
    const { world, mirror, site, sync } = given
    world.addTab('Money', [
      ['ID', 'Budget'],
      ['a', 5],
    ])
    const { spreadsheetId, serviceAccount, url: baseUrl } = site
    const options = {
      spreadsheetId,
      sheet: 'Money',
      keyColumn: 'ID',
      serviceAccount,
      baseUrl,
      allowPrivateNetwork: true,
    }
    const money = await mirror.tidemark.connect('sheets', { id: 'money', options })
    await sync()
    expect(await money.sync()).toMatchObject({ status: 'succeeded' })
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { unchanged: 3 } })
    expect(mirror.sql("select id, budget, followers from sheets_rows where _connection = 'money'")).toEqual([
      { id: 'a', budget: '5', followers: null },
    ])
  })

  test('of a tab that is too wide are the key and the first of the others; the rest is in the text of the row', async () => {
    await using given = await connected({}, { sheet: 'Wide' })
    const { world, sync, one } = given
    world.addTab('Wide', [
      [...Array.from({ length: 2_000 }, (_, i) => `day ${i}`), 'Profile URL'],
      [...Array.from({ length: 2_000 }, (_, i) => i), ADA],
    ])
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
    const row = one(ADA)
    expect(row).toMatchObject({ profile_url: ADA, day_0: '0', day_198: '198' })
    expect(row).not.toHaveProperty('day_199')
    expect(JSON.parse(String(row['_raw']))).toMatchObject({ day_199: '199', day_1999: '1999' })
  })

  test('that are known stay when the connection is changed', async () => {
    await using given = await connected({ people: 3 })
    const { connect, sync, mirror } = given
    await sync()
    await connect({ metrics: 'Followers' })
    const rows = []
    for await (const row of given.connection.records('rows')) rows.push(row)
    expect(rows[0]).toHaveProperty('followers')
    await sync()
    expect(mirror.value('select count(*) from sheets_rows_snapshots')).toBe(3)
  })
})

describe('a row', () => {
  test('is told by its key, wherever it stands, however its line ends, and not by its number', async () => {
    await using given = await connected({ people: 9 })
    const { world, sync, keys } = given
    await sync()
    world.sort(TAB, 'Name')
    world.append(TAB, [])
    world.append(TAB, ['https://example.com/x'])
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 0, unchanged: 9 } })
    expect(keys()).toContain('https://example.com/x')
  })

  test('whose key stands twice is set aside whole, and what is stored of it stays', async () => {
    await using given = await connected({ people: 5 })
    const { world, sync, one, keys, mirror } = given
    await sync()
    world.append(TAB, [` ${ADA} `, 'another', 7])
    expect(await sync()).toMatchObject({ status: 'incomplete', counts: { quarantined: 1, removed: 0 } })
    expect(one(ADA)).toMatchObject({ name: 'ada', _removed_at: null })
    const { value: waiting } = await mirror.tidemark.quarantine().next()
    expect(waiting).toMatchObject({ key: ADA, message: expect.stringContaining('2 rows of the tab have the key') })
    expect(JSON.stringify(waiting)).toContain('another')
    world.deleteRow(TAB, 5)
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(mirror.value('select count(*) from tm_quarantine where superseded_at is null')).toBe(0)
    await sync()
    expect(keys()).toHaveLength(5)
  })

  test('without a key is set aside, and as long as it is there nothing is removed', async () => {
    await using given = await connected({ people: 5 })
    const { world, sync, keys } = given
    await sync()
    world.edit(TAB, ADA, 'Profile URL', null)
    for (let i = 0; i < 3; i++) expect(await sync()).toMatchObject({ counts: { quarantined: 1, removed: 0 } })
    expect(keys()).toContain(ADA)
  })

  test.each(['#N/A', '#REF!', '#NAME?', '#BEZUG!', '#NV', 'Loading...'])(
    'whose key is a formula that shows %s is like one without',
    async (shown) => {
      await using given = await connected({ people: 12 })
      const { world, sync, keys, mirror } = given
      await sync()
      for (const key of [ADA, GRACE]) world.edit(TAB, key, 'Profile URL', shown)
      for (let i = 0; i < 2; i++) {
        expect(await sync()).toMatchObject({ status: 'incomplete', counts: { quarantined: 2, removed: 0 } })
      }
      expect(keys()).toHaveLength(12)
      expect(keys()).toContain(ADA)
      expect(JSON.stringify((await mirror.tidemark.quarantine().next()).value)).toContain(shown)
    },
  )

  test('has a key that only looks like the name of an error', async () => {
    await using given = await connected({ people: 1 })
    const { world, sync, keys } = given
    for (const key of ['#1', '#fitness', '#BTS', 'N/A', '#REF', 'Loading']) world.append(TAB, [key])
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(keys()).toHaveLength(7)
  })

  test.each<[string, (world: Given['world']) => void, (world: Given['world']) => void]>([
    [
      'got its key later',
      (world) => world.append(TAB, ['', 'zoe']),
      (world) => {
        world.deleteRow(TAB, 5)
        world.append(TAB, ['https://example.com/zoe', 'zoe'])
      },
    ],
    ['had no key and was deleted', (world) => world.append(TAB, ['', 'zoe']), (world) => world.deleteRow(TAB, 5)],
    [
      'had the key of another one, until both got their own',
      (world) => {
        for (const name of ['one', 'two']) world.append(TAB, ['https://example.com/d', name])
      },
      (world) => {
        for (let i = 0; i < 2; i++) world.deleteRow(TAB, 5)
        for (const name of ['one', 'two']) world.append(TAB, [`https://example.com/${name}`, name])
      },
    ],
  ])('that %s leaves nothing that waits for ever', async (_, spoil, mend) => {
    await using given = await connected({ people: 5 })
    const { world, sync, mirror } = given
    await sync()
    spoil(world)
    for (let i = 0; i < 2; i++) expect(await sync()).toMatchObject({ status: 'incomplete' })
    mend(world)
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { quarantined: 0 } })
    // What was shown is kept.
    expect(mirror.value('select count(*) from quarantine')).toBe(1)
  })

  test('without a key may be any that could not be read before: that waits, too', async () => {
    await using given = await connected({ people: 5 })
    const { world, sync, mirror } = given
    const waiting = () => mirror.value('select count(*) from tm_quarantine where superseded_at is null')
    await sync()
    const key = 'https://example.com/d'
    for (const name of ['one', 'two']) world.append(TAB, [key, name])
    await sync()
    world.edit(TAB, key, 'Profile URL', null)
    world.edit(TAB, key, 'Profile URL', 'https://example.com/two')
    expect(await sync()).toMatchObject({ status: 'incomplete' })
    expect(waiting()).toBe(2)
    world.deleteRow(TAB, 5)
    expect(await sync()).toMatchObject({ status: 'succeeded' })
    expect(waiting()).toBe(0)
  })

  test('that is deleted, or whose key is edited, is removed once a second run has missed it, too', async () => {
    await using given = await connected({ people: 30 })
    const { world, sync, one, keys } = given
    await sync()
    world.deleteRow(TAB, 7)
    world.edit(TAB, ADA, 'Profile URL', 'https://www.youtube.com/@countess')
    expect(await sync()).toMatchObject({ counts: { inserted: 1, removed: 0 } })
    expect(await sync()).toMatchObject({ status: 'succeeded', counts: { removed: 2 } })
    expect(one(ADA)['_removed_at']).not.toBeNull()
    expect(keys()).toHaveLength(29)
  })
})

describe('nothing is removed', () => {
  const hidings = {
    'the tab was renamed': ['sheet_tab_missing', ({ world }) => world.renameTab(TAB, 'People')],
    'the tab is empty': ['sheet_empty', ({ world }) => world.clear(TAB, true)],
    'the key column was renamed': ['sheet_key_missing', ({ world }) => world.renameColumn(TAB, 'Profile URL', 'Link')],
    'two columns have its header': [
      'sheet_key_ambiguous',
      ({ world }) => world.insertColumn(TAB, 2, 'Profile URL', 'x'),
    ],
    'the sheet is not shared any more': ['forbidden', ({ world }) => world.setAccess('private')],
    'the spreadsheet was deleted': ['not_found', ({ world }) => world.setAccess('deleted')],
    'the API is off': ['forbidden', ({ world }) => world.setApi(false)],
  } as const satisfies Record<string, readonly [string, (given: Awaited<ReturnType<typeof connected>>) => void]>

  test.each(Object.entries(hidings))('where %s', async (_what, [code, hide]) => {
    await using given = await connected({ people: 8 })
    const { sync, keys } = given
    await sync()
    hide(given)
    for (let i = 0; i < 3; i++) {
      const { status, error, counts } = await sync()
      expect(status).toBe('failed')
      expect(error).toMatchObject({ code })
      expect(error?.hint ?? '').not.toBe('')
      expect(counts).toMatchObject({ removed: 0, held: 0 })
    }
    expect(keys()).toHaveLength(8)
  })

  test('where all rows were deleted, before a person has said so', async () => {
    await using given = await connected({ people: 8 })
    const { world, sync, keys } = given
    await sync()
    world.clear(TAB)
    await sync()
    await sync()
    expect(await sync()).toMatchObject({ status: 'incomplete', counts: { removed: 0 } })
    expect(keys()).toHaveLength(8)
  })

  test('and the hint of a renamed tab names those that there are', async () => {
    await using given = await connected({ people: 2 })
    const { world, sync } = given
    world.renameTab(TAB, "Ada's team")
    const { error } = await sync()
    expect(error).toMatchObject({ hint: expect.stringContaining("Ada's team") })
    await given.connect({ sheet: "Ada's team" })
    expect(await sync()).toMatchObject({ status: 'succeeded' })
  })
})

describe('what can not be read is told as what it is', () => {
  test('a chart', async () => {
    await using given = await connected({ people: 2 }, { sheet: 'Growth' })
    given.world.addChart('Growth')
    const { error } = await given.sync()
    expect(error).toMatchObject({
      code: 'sheet_tab_missing',
      message: 'The tab "Growth" is a chart or an image, and has no rows.',
    })
    expect(error?.hint).toMatch(/^Its tabs with rows: Team\. /)
  })

  test('an Excel file in Drive', async () => {
    await using given = await connected({ people: 2 })
    const { world, sync, keys } = given
    await sync()
    world.setExcel(true)
    expect(await sync()).toMatchObject({
      status: 'failed',
      counts: { removed: 0, held: 0 },
      error: { code: 'request_refused', hint: expect.stringContaining('"Save as Google Sheets"') },
    })
    expect(keys()).toHaveLength(2)
  })

  test('two tabs that only blanks tell apart', async () => {
    await using given = await connected({ people: 2 }, { sheet: 'lead' })
    for (const title of [' lead', 'lead ']) given.world.addTab(title, [HEADERS, [title]])
    expect((await given.sync()).error).toMatchObject({
      message: 'The spreadsheet has no tab "lead".',
      hint: expect.stringContaining('" lead", "lead "'),
    })
  })
})

describe('a title with blanks around it', () => {
  test.each([' lead', 'lead', 'lead  '])('is found by "%s"', async (sheet) => {
    await using given = await connected({ people: 2 }, { sheet })
    given.world.addTab(' lead', [HEADERS, [ADA]])
    expect(await given.sync()).toMatchObject({ status: 'succeeded', counts: { inserted: 1 } })
  })

  test('and the one that is written exactly so comes first', async () => {
    await using given = await connected({ people: 2 }, { sheet: ' lead' })
    given.world.addTab('lead', [HEADERS, [GRACE]])
    given.world.addTab(' lead', [HEADERS, [ADA]])
    await given.sync()
    expect(given.keys()).toEqual([ADA])
  })
})

test('a tab whose title looks like cells is read, and not the cells', async () => {
  await using given = await connected({}, { sheet: 'Q3', keyColumn: 'Region' })
  const { world, sync, mirror } = given
  world.addTab('Q3', [
    ['Region', 'Sales'],
    ['north', 12],
  ])
  expect(await sync()).toMatchObject({ status: 'succeeded' })
  expect(mirror.sql('select _key k, sales s from sheets_rows').map((row) => ({ ...row }))).toEqual([
    { k: 'north', s: '12' },
  ])
})

test('a date is its text, and not a number of days', async () => {
  await using given = await connected({}, { sheet: 'Days', keyColumn: 'Name' })
  const { world, sync, mirror } = given
  world.addTab(
    'Days',
    [
      ['Name', 'Since'],
      ['ada', 43_831],
    ],
    { Since: 'date' },
  )
  await sync()
  expect(mirror.value('select since from sheets_rows')).toBe('2020-01-01')
})

describe('numbers', () => {
  test('are kept as they are, whatever the format and the locale', async () => {
    await using given = await connected({ people: 2, locale: 'de_DE' })
    const { world, sync, one } = given
    world.edit(TAB, ADA, 'Followers', 1234.5)
    world.edit(TAB, GRACE, 'Followers', 1234567)
    await sync()
    expect([one(ADA)['followers'], one(GRACE)['followers']]).toEqual(['1234.5', '1234567'])
  })

  test.each([
    ['Followers', 'those that are named'],
    ['*', 'all that hold numbers only'],
  ])('are metrics on request (%s: %s), as written by hand, too; what can not be read is null', async (metrics) => {
    await using given = await connected({}, { sheet: 'Hand', metrics })
    const { world, sync, mirror } = given
    const cells = ['1,234', '12 345', '1.2K', '', 77]
    world.addTab('Hand', [HEADERS, ...cells.map((cell, i) => [`k${i}`, cell, 'text'])])
    await sync()
    const values = () =>
      mirror.sql('select _key k, followers f from sheets_rows_snapshots order by _at, _key').map(({ f }) => f)
    expect(values()).toEqual(['1234', '12345', '1200', null, '77'])
    world.edit('Hand', 'k0', 'Followers', '#REF!')
    await sync()
    expect(values().slice(5)).toEqual([null, '12345', '1200', null, '77'])
    expect(await given.connection.metrics('rows', { metric: 'followers', key: 'k1' })).toMatchObject({
      points: [{ value: expect.anything() }],
    })
  })
})
