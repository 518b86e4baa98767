// Owns the configuration with which the ingest benchmark runs the command line, as a person with a connector of their own
// would.

import { defineConfig } from 'tidemark'
import { records } from './connector.ts'

export default defineConfig({ connectors: [records(Number(process.env['BENCH_PAGE_SIZE'] ?? 100))] })
