// Owns how each fault looks on the wire: the resets, lies and delays behind the names in faults.ts.

import type { ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Fault } from './faults.ts'

/** What serving a fault needs of the server. */
export interface FaultStage {
  /** Carries the request out and gives the right answer. */
  run(): Answer
  /** The provider's own words for an error status. */
  refuse(status: number): Answer
  /** Writes an answer and ends the response. */
  send(answer: Answer): void
  /** Notes how the request ended; 0 for no answer. */
  note(status: number): void
  /** The headers that an answer would be sent with, and its body. */
  dress(answer: Answer): { readonly headers: Record<string, string>; readonly body: Buffer }
  /** Runs later unless the emulator is closed first. */
  later(ms: number, action: () => void): void
  readonly response: ServerResponse
}

/** Serves one fault in place of the right answer. */
export function serveFault(fault: Fault, stage: FaultStage): void {
  const { response } = stage
  switch (fault.kind) {
    case 'status': {
      if (fault.effect) stage.run()
      const refused = stage.refuse(fault.status)
      const headers: Record<string, string> = { ...refused.headers, ...fault.headers }
      if (fault.retryAfter !== undefined) headers['Retry-After'] = String(fault.retryAfter)
      return stage.send({ ...refused, headers, ...(fault.body !== undefined && { body: fault.body }) })
    }
    case 'reset':
      if (fault.effect) stage.run()
      stage.note(0)
      return destroy(response)
    case 'hang':
      if (fault.effect) stage.run()
      return stage.note(0)
    case 'html':
      return stage.send({
        status: fault.status ?? 200,
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
        body: htmlPage(fault.status ?? 200),
      })
    case 'body':
      return stage.send({
        status: fault.status ?? 200,
        headers: { 'Content-Type': fault.contentType ?? 'application/json; charset=utf-8' },
        body: fault.body,
      })
    case 'delay':
      if (fault.when === 'after') {
        const answer = stage.run()
        return stage.later(fault.ms, () => stage.send(answer))
      }
      return stage.later(fault.ms, () => stage.send(stage.run()))
    case 'type': {
      const answer = stage.run()
      return stage.send({ ...answer, headers: { ...answer.headers, 'Content-Type': fault.contentType } })
    }
    case 'garbage': {
      const answer = stage.run()
      const headers = { ...answer.headers, 'Content-Encoding': 'gzip' }
      return stage.send({
        ...answer,
        headers,
        body: Buffer.from('\x1f\x8b\x08\x00 this only starts like gzip', 'latin1'),
      })
    }
    case 'duplicateKey': {
      const answer = stage.run()
      return stage.send({ ...answer, body: duplicated(answer.body, fault.key ?? 'id', fault.value ?? 'null') })
    }
    case 'rewrite': {
      const answer = stage.run()
      const text = (answer.body ?? '').toString()
      const body = fault.find === undefined ? text : text.replaceAll(RegExp(fault.find, 'g'), fault.replace ?? '')
      return stage.send({ ...answer, headers: { ...answer.headers, ...fault.headers }, body })
    }
    case 'truncate': {
      const answer = stage.run()
      const { body } = stage.dress(answer)
      return stage.send({ ...answer, body: body.subarray(0, fault.bytes ?? Math.floor(body.length / 2)) })
    }
    case 'cut': {
      const answer = stage.run()
      const { headers, body } = stage.dress(answer)
      stage.note(answer.status)
      response.writeHead(answer.status, headers)
      // At least one byte stays behind, so that the content-length was a promise that isn't kept.
      const part = body.subarray(0, Math.min(fault.bytes ?? Math.floor(body.length / 2), Math.max(0, body.length - 1)))
      response.flushHeaders()
      if (part.length === 0) return destroy(response)
      response.write(part, () => stage.later(5, () => destroy(response)))
      return undefined
    }
    case 'slow': {
      const answer = stage.run()
      const { headers, body } = stage.dress(answer)
      stage.note(answer.status)
      response.writeHead(answer.status, headers)
      const drops = Math.min(10, Math.max(2, body.length))
      const size = Math.ceil(body.length / drops)
      const drip = (drop: number): void => {
        if (drop === drops - 1) return void response.end(body.subarray(drop * size))
        response.write(body.subarray(drop * size, (drop + 1) * size))
        stage.later(fault.ms / (drops - 1), () => drip(drop + 1))
      }
      return drip(0)
    }
  }
}

/** Resets rather than ends the connection: the client sees ECONNRESET, as it does when a balancer dies. */
function destroy(response: ServerResponse): void {
  const { socket } = response
  if (socket && !socket.destroyed) socket.resetAndDestroy()
}

function htmlPage(status: number): string {
  const title = status === 200 ? 'Welcome to the guest network' : 'Request blocked'
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
}

/** The text with a second member of the same name after the first one whose value is a scalar. */
function duplicated(body: string | Buffer | undefined, key: string, value: string): string {
  const name = JSON.stringify(key)
  const pattern = new RegExp(`${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}:("(?:[^"\\\\]|\\\\.)*"|[^,}\\][{"]+)`)
  return (body ?? '').toString().replace(pattern, (member) => `${member},${name}:${value}`)
}
