// Owns what authors of connectors test with: testConnector, recordings as sources, emulators of providers, and the kit
// that they are made of.

import '../node-version.ts'

export * from './emulators/index.ts'
export { type Player, recording, type Tape } from './recording.ts'
export {
  type CheckName,
  type CheckResult,
  type ConnectorReport,
  PROMISES,
  PromisesBroken,
  reportText,
} from './report.ts'
export { type Source, type TestConnectorOptions, testConnector, type UploadSample } from './test-connector.ts'
