// Owns the promises of the store port as tests. Every store runs it; the cases speak nothing but the port.

import { describe } from 'vitest'
import { budgetCases } from './budget-cases.ts'
import { catalogCases } from './catalog-cases.ts'
import { columnCases } from './column-cases.ts'
import { connectionCases } from './connection-cases.ts'
import { coverageCases } from './coverage-cases.ts'
import { decisionCases } from './decision-cases.ts'
import { feedCases } from './feed-cases.ts'
import { fillCases } from './fill-cases.ts'
import { forgetCases } from './forget-cases.ts'
import { historyCases } from './history-cases.ts'
import { inboxCases } from './inbox-cases.ts'
import { intentCases } from './intent-cases.ts'
import { leaseCases } from './lease-cases.ts'
import { limitCases } from './limit-cases.ts'
import { manualCases } from './manual-cases.ts'
import { modelCases } from './model-cases.ts'
import { orderCases } from './order-cases.ts'
import { outboxCases } from './outbox-cases.ts'
import { readCases } from './read-cases.ts'
import { recordCases } from './record-cases.ts'
import { runCases } from './run-cases.ts'
import { scheduleCases } from './schedule-cases.ts'
import { serverCases } from './server-cases.ts'
import { snapshotCases } from './snapshot-cases.ts'
import { streamCases } from './stream-cases.ts'
import { supersededCases } from './superseded-cases.ts'
import { tableCases } from './table-cases.ts'
import { textCases } from './text-cases.ts'
import { textIndexCases } from './text-index-cases.ts'
import { tokenCases } from './token-cases.ts'
import { vectorCases } from './vector-cases.ts'
import { walkCases } from './walk-cases.ts'
import type { OpenDatabase } from './world.ts'

export type { OpenDatabase } from './world.ts'

export function storeSuite(name: string, open: OpenDatabase): void {
  describe(`${name} keeps the promises of the store`, () => {
    connectionCases(open)
    streamCases(open)
    columnCases(open)
    leaseCases(open)
    recordCases(open)
    modelCases(open)
    textCases(open)
    walkCases(open)
    runCases(open)
    readCases(open)
    limitCases(open)
    forgetCases(open)
    decisionCases(open)
    coverageCases(open)
    fillCases(open)
    budgetCases(open)
    intentCases(open)
    inboxCases(open)
    outboxCases(open)
    historyCases(open)
    orderCases(open)
    supersededCases(open)
    snapshotCases(open)
    feedCases(open)
    scheduleCases(open)
    tableCases(open)
    catalogCases(open)
    tokenCases(open)
    serverCases(open)
    textIndexCases(open)
    vectorCases(open)
    manualCases(open)
  })
}
