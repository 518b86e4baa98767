// Owns what the URL of a PostgreSQL database may say: a parameter that is misspelt must not put the mirror elsewhere.

import { describe, expect, test } from 'vitest'
import { addressOf } from '../../src/store/postgres/url.ts'

const HOST = 'postgres://ada:secret@db.example:5432/mirror'

describe('the URL of a PostgreSQL database', () => {
  test('names the schema, and gives the driver the rest', () => {
    const { url, schema, name } = addressOf(`${HOST}?sslmode=require&schema=tidemark&connect_timeout=5`)
    expect({ url, schema, name }).toEqual({
      url: `${HOST}?sslmode=require&connect_timeout=5`,
      schema: 'tidemark',
      name: 'postgres://db.example:5432/mirror?schema=tidemark',
    })
  })

  test.each(['schemas', 'Schema', 'SSLMODE', 'shcema'])('with the unknown parameter %s is refused', (name) => {
    const meant = name.toLowerCase().startsWith('ssl') ? 'sslmode' : 'schema'
    expect(() => addressOf(`${HOST}?${name}=x`)).toThrow(
      expect.objectContaining({
        code: 'database_url_invalid',
        message: `The URL of the database has an unknown parameter "${name}".`,
        hint: expect.stringContaining(`Did you mean ${meant}?`) as string,
      }),
    )
  })

  test('with two schemas is refused', () => {
    expect(() => addressOf(`${HOST}?schema=a&schema=b`)).toThrow(/names more than one schema/)
  })

  test('shows no piece of a password that was not encoded', () => {
    expect(() => addressOf('postgres://db.example/mirror?pass?w0rd=x')).toThrow(/has an unknown parameter\.$/)
  })
})
