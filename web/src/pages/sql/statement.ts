// Owns a statement that is being run: one at a time, which a person can cancel.

import { useEffect, useRef, useState } from 'react'
import { api, Problem, told } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'

export type SqlAnswer = Answer<'postSql'>

export type Statement =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly since: string }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly sql: string; readonly error: unknown }
  | { readonly state: 'done'; readonly answer: SqlAnswer; readonly tookMs: number }

export interface Asked {
  readonly sql: string
  readonly limit: number
  /** In seconds. */
  readonly timeout: number
}

export function useStatement() {
  const [statement, setStatement] = useState<Statement>({ state: 'none' })
  const running = useRef<AbortController>(null)
  useEffect(() => () => running.current?.abort(), [])
  const run = async (body: Asked) => {
    running.current?.abort()
    const mine = new AbortController()
    running.current = mine
    const began = performance.now()
    setStatement({ state: 'running', since: new Date().toISOString() })
    try {
      const answer = await told(api.POST('/api/sql', { body, signal: mine.signal }))
      if (!mine.signal.aborted) setStatement({ state: 'done', answer, tookMs: performance.now() - began })
    } catch (error) {
      // What is cancelled looks like a server that cannot be reached.
      if (!mine.signal.aborted) setStatement({ state: 'failed', sql: body.sql, error: cutOff(error) })
    }
  }
  const cancel = () => {
    running.current?.abort()
    setStatement({ state: 'cancelled' })
  }
  return { statement, run, cancel }
}

/** An answer that breaks off behind its beginning is no JSON. */
function cutOff(error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error
  return new Problem({
    status: 0,
    code: 'answer_cut_off',
    detail: 'The answer broke off before its end.',
    hint: 'It may have run out of its time. Ask for fewer rows, or give it longer.',
  })
}
