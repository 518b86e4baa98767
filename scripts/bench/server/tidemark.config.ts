// Owns the configuration with which the benchmark of the server runs the command line: the source of the ingest benchmark, and the
// same with words that are searched.

import { defineConfig } from 'tidemark'
import { records } from '../ingest/connector.ts'

export default defineConfig({
  connectors: [records(1_000), records(1_000, { name: 'notes', text: { title: 'title' } })],
})
