// Owns how a file goes to the server: as it lies on the disk, never in the page's memory, with how far it has come.

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { HEADERS, problemOf, unreachable } from '../../api/client.ts'
import type { Answer } from '../../api/queries.ts'

export type Report = Answer<'postConnectionsIdStreamsStreamUploads'>
export type Diff = NonNullable<Report['diff']>

interface Order {
  readonly id: string
  readonly stream: string
  readonly file: File
  readonly isTrial: boolean
}

interface Sending {
  /** Called with the share of the file that was sent, 0 to 1. */
  readonly onSent: (share: number) => void
  readonly signal: AbortSignal
}

/** `fetch` does not tell how much of a body was sent. @throws Problem */
function send({ id, stream, file, isTrial }: Order, { onSent, signal }: Sending): Promise<Report> {
  const query = new URLSearchParams({ name: file.name, ...(isTrial ? { dryRun: 'true' } : {}) })
  const path = `/api/connections/${encodeURIComponent(id)}/streams/${encodeURIComponent(stream)}/uploads?${query}`
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest()
    call.open('POST', path)
    for (const [name, value] of Object.entries(HEADERS)) call.setRequestHeader(name, value)
    call.setRequestHeader('content-type', 'application/octet-stream')
    call.upload.addEventListener('progress', ({ loaded }) => onSent(file.size === 0 ? 1 : loaded / file.size))
    call.addEventListener('error', () => reject(unreachable()))
    call.addEventListener('abort', () => reject(new DOMException('The upload was stopped.', 'AbortError')))
    call.addEventListener('load', () => {
      const answer = parsed(call.responseText)
      if (call.status >= 200 && call.status < 300) resolve(answer as Report)
      else reject(problemOf(answer, call))
    })
    signal.addEventListener('abort', () => call.abort(), { once: true })
    call.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export interface Upload {
  readonly isTrial: boolean
  /** 0 to 1; undefined: nothing is being sent. */
  readonly sent: number | undefined
  readonly report: Report | undefined
  readonly error: unknown
  readonly start: (order: Order) => void
  /** Stops what is being sent, and forgets what came of it. */
  readonly reset: () => void
}

const NOTHING = { isTrial: true, sent: undefined, report: undefined, error: undefined } as const

/** One upload at a time. */
export function useUpload(): Upload {
  const client = useQueryClient()
  const [state, setState] = useState<Omit<Upload, 'start' | 'reset'>>(NOTHING)
  const going = useRef<AbortController>(undefined)
  useEffect(() => () => going.current?.abort(), [])
  const go = async (order: Order) => {
    going.current?.abort()
    const mine = new AbortController()
    going.current = mine
    const { isTrial } = order
    const change = (next: Omit<Upload, 'start' | 'reset'>) => {
      if (!mine.signal.aborted) setState(next)
    }
    change({ ...NOTHING, isTrial, sent: 0 })
    try {
      const report = await send(order, { onSent: (sent) => change({ ...NOTHING, isTrial, sent }), signal: mine.signal })
      change({ ...NOTHING, isTrial, report })
      if (!isTrial) await client.invalidateQueries()
    } catch (error) {
      change({ ...NOTHING, isTrial, error })
    }
  }
  const reset = () => {
    going.current?.abort()
    setState(NOTHING)
  }
  return { ...state, start: (order) => void go(order), reset }
}
