// Owns when webhooks are sent by a process that keeps no schedules: once after its runs, also when it is about to end, which
// a command does behind each sync. What fails is tried again by whoever keeps schedules, or after the next run.

import { type SendPorts, sendDue } from '../outbox/send.ts'
import type { Follower } from './follower.ts'

const NEVER = new AbortController().signal

export function sender(ports: () => SendPorts): Follower {
  return { name: 'outbox', follow: () => sendDue(ports(), NEVER, { once: true }) }
}
