// Owns the public list of the kit's parts, for those who build an emulator of another provider.

export { type Answer, type Call, type Handler, joinRows, jsonAnswer, segments } from './kit/answer.ts'
export { type Clock, type ClockOptions, startClock } from './kit/clock.ts'
export {
  type AdminMethods,
  type CommonOptions,
  clockOf,
  type Emulator,
  type EmulatorDefinition,
  type PageHooks,
  type Stats,
} from './kit/emulator.ts'
export type { Fault, FaultMatch, FaultPredicate, Faults, FaultTarget } from './kit/faults.ts'
export { type FixedWindow, fixedWindow, type TokenBucket, tokenBucket } from './kit/limits.ts'
export type { LogFilter, LoggedRequest, RequestLog } from './kit/log.ts'
export { type Random, seeded } from './kit/random.ts'
export { startEmulator } from './kit/server.ts'
