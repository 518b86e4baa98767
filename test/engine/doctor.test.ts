// What the doctor says of facts: what is right is ok, and each thing that is wrong shows in its own check and no other.

import { describe, expect, test } from 'vitest'
import { diagnose, type Facts } from '../../src/engine/health/doctor.ts'

const NOW = Date.UTC(2026, 10, 21)
const DAY = 86_400_000
const MIB = 1_048_576

const WELL: Facts = {
  now: NOW,
  node: '24.21.0',
  database: { name: 'a.db', error: null, files: [{ path: '/m/a.db', mode: 0o600 }], bytes: 10 * MIB, logBytes: 0 },
  integrity: { deep: false, problems: [] },
  freeBytes: 100_000 * MIB,
  key: {
    place: '/c/key',
    file: { path: '/c/key', mode: 0o600 },
    name: 'aaaaaaaaaaaa',
    error: null,
    besideDatabase: false,
    dataKeys: 1,
    wanted: ['aaaaaaaaaaaa'],
  },
  exposedKeys: [],
  secrets: [],
  renewing: new Set(),
  loginsNeeded: [],
  clock: { storeAheadMs: 0, newestAt: NOW - 1 },
  schedules: { count: 1, drifted: [] },
  orphans: [],
  exposed: [],
}

function wrong(facts: Partial<Facts>): string[] {
  return diagnose({ ...WELL, ...facts }).flatMap(({ check, state }) => (state === 'ok' ? [] : [`${state} ${check}`]))
}

const error = { code: 'key_exposed', message: 'others may read it', hint: 'chmod', verdict: 'stop' } as const
const secret = { project: 'p', connection: 'me', connector: 'c', name: 'token', error: null, expiresAt: null }

describe('the doctor', () => {
  test('checks what the contract names, in its order, and finds a healthy mirror healthy', () => {
    const checks = diagnose(WELL)
    expect(checks.map(({ check }) => check)).toEqual([
      'node',
      'database',
      'permissions',
      'integrity',
      'disk',
      'key',
      'secrets',
      'logins',
      'clock',
      'schedules',
      'runs',
      'exposure',
    ])
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
  })

  test('tells the size of the database with its log', () => {
    const [, database] = diagnose({ ...WELL, database: { ...WELL.database, logBytes: 5 * MIB } })
    expect(database?.value).toBe('a.db, 15.0 MiB')
  })

  const CASES: readonly [what: string, facts: Partial<Facts>, found: string[]][] = [
    ['an old Node', { node: '20.19.0' }, ['fail node']],
    ['a Node that just misses', { node: '22.17.1' }, ['fail node']],
    ['the first Node that will do', { node: '22.18.0' }, []],
    ['an odd Node', { node: '23.9.0' }, ['warn node']],
    [
      'a file that others may read',
      { database: { ...WELL.database, files: [{ path: '/m/a.db', mode: 0o640 }] } },
      ['warn permissions'],
    ],
    ['a system without permissions', { database: { ...WELL.database, files: [{ path: 'C:', mode: undefined }] } }, []],
    ['a log that is not emptied', { database: { ...WELL.database, logBytes: 300 * MIB } }, ['warn database']],
    ['damage', { integrity: { deep: true, problems: ['row 3 missing', 'more'] } }, ['fail integrity']],
    ['a disk that is full', { freeBytes: 10 * MIB }, ['fail disk']],
    [
      'a disk without room for a copy',
      { database: { ...WELL.database, bytes: 9_000 * MIB }, freeBytes: 9_100 * MIB },
      ['warn disk'],
    ],
    // It opens the secrets all the same.
    ['a key that others may read', { exposedKeys: [error] }, ['fail key']],
    ['no key, where one is needed', { key: { ...WELL.key, name: null } }, ['fail key', 'warn secrets']],
    ['no key, where none is needed', { key: { ...WELL.key, name: null, dataKeys: 0, wanted: [] } }, []],
    ['a key beside the database', { key: { ...WELL.key, besideDatabase: true } }, ['warn key']],
    ['a rotation that did not follow', { key: { ...WELL.key, wanted: ['bbbbbbbbbbbb'] } }, ['warn key']],
    ['a rotation that has no end', { key: { ...WELL.key, wanted: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] } }, ['warn key']],
    ['a secret that does not open', { secrets: [secret, { ...secret, error }] }, ['fail secrets']],
    ['a login that ended', { secrets: [{ ...secret, expiresAt: NOW - 1 }] }, ['warn logins']],
    ['a login that ends soon', { secrets: [{ ...secret, expiresAt: NOW + 6 * DAY }] }, ['warn logins']],
    ['a login that ends later', { secrets: [{ ...secret, expiresAt: NOW + 8 * DAY }] }, []],
    ['a login that renews itself', { secrets: [{ ...secret, expiresAt: NOW + 1 }], renewing: new Set(['p/me']) }, []],
    [
      'a login that renews itself, and soon no more',
      {
        secrets: [
          { ...secret, name: 'accessToken', expiresAt: NOW + 1 },
          { ...secret, name: 'refreshToken', expiresAt: NOW + 6 * DAY },
        ],
        renewing: new Set(['p/me']),
      },
      ['warn logins'],
    ],
    [
      'a login that renews itself for long still',
      {
        secrets: [
          { ...secret, name: 'accessToken', expiresAt: NOW - 9 * DAY },
          { ...secret, name: 'refreshToken', expiresAt: NOW + 60 * DAY },
        ],
        renewing: new Set(['p/me']),
      },
      [],
    ],
    [
      'a login that renews itself and has not for long',
      { secrets: [{ ...secret, expiresAt: NOW - 8 * DAY }], renewing: new Set(['p/me']) },
      ['warn logins'],
    ],
    [
      'a login that waits for a person',
      { loginsNeeded: [{ project: 'p', connection: 'me', connector: 'c', login: [{ name: 'token', secret: true }] }] },
      ['warn logins'],
    ],
    ['a clock that was set back', { clock: { storeAheadMs: 0, newestAt: NOW + DAY } }, ['warn clock']],
    ['a server whose clock differs', { clock: { storeAheadMs: -60_000, newestAt: null } }, ['warn clock']],
    [
      'a schedule that nobody keeps',
      {
        schedules: {
          count: 2,
          drifted: [{ project: 'p', connection: 'me', stream: '', nextAt: 0, kind: 'late', message: 'me is late' }],
        },
      },
      ['warn schedules'],
    ],
    ['a run without a process', { orphans: [{ run: 'r', connection: 'me' }] }, ['warn runs']],
    ['a server that others reach', { exposed: ['10.0.0.1:4600'] }, ['warn exposure']],
  ]
  test.each(CASES)('sees %s', (_, facts, found) => {
    expect(wrong(facts)).toEqual(found)
  })

  test('asks nothing of a database that cannot be opened', () => {
    const database = { ...WELL.database, error: { ...error, code: 'database_missing' }, files: [] }
    const checks = diagnose({ ...WELL, database, integrity: null })
    expect(checks.map(({ check }) => check)).toEqual(['node', 'database', 'permissions', 'disk', 'key', 'exposure'])
    expect(checks.filter(({ state }) => state === 'fail').map(({ check }) => check)).toEqual(['database'])
  })

  test('says nothing of the disk of a server', () => {
    const checks = diagnose({ ...WELL, integrity: null, freeBytes: null })
    expect(checks.map(({ check }) => check)).not.toContain('disk')
  })

  test('gives a hint with everything that is wrong', () => {
    const ill = CASES.flatMap(([, facts]) => diagnose({ ...WELL, ...facts }).filter(({ state }) => state !== 'ok'))
    expect(ill.filter(({ hint }) => hint === null || hint === '')).toEqual([])
  })
})
