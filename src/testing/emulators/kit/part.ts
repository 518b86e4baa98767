// Owns what an emulator brings for the programs that run emulators without knowing them: flags for a process of its own,
// and a part in the demo. The folder of an emulator is its entry in the list: its index.ts declares a part.

import type { CommonOptions, Emulator } from './emulator.ts'

/** What a flag may be when it is not given; its type is that of its values. */
export type Flags = Readonly<Record<string, number | string | boolean>>

type ValueOf<T> = T extends number ? number : T extends boolean ? boolean : string
export type FlagValues<F extends Flags> = { readonly [name in keyof F]: ValueOf<F[name]> }

export interface Started {
  readonly emulator: Emulator<unknown>
  /** What a client needs beside the address, for whoever starts it from another process. */
  readonly credentials: Readonly<Record<string, unknown>>
}

/** One account of the demo, and what happens to it. */
export interface DemoPart {
  readonly emulator: Emulator<unknown>
  /** The id of its connection. */
  readonly id: string
  /** What is there, as in "GitHub, where ada has starred 616 repositories". */
  readonly has: string
  /** What it is connected with, beside its address; a `baseUrl` of its own stands for that. */
  readonly options: Readonly<Record<string, unknown>>
  /** When the demo's connection is synced by a server, such as `every 30m`. @default by none */
  readonly schedule?: string
  /** Its first sync takes longer than a story can wait for: it is read while the rest goes on. @default false */
  readonly takesLong?: boolean
  /** Something new in the service; what happened, as in "ada stars 3 repositories". `round` counts from 1. */
  news(round: number): string
  /** Something leaves that no reading from the top would notice, in words. Absent: nothing ever does. */
  readonly removal?: () => string
  /**
   * Writes the file that a person uploads now into a folder, where the service has no API: for which stream, and its path.
   * Absent: nothing is uploaded.
   */
  readonly upload?: (folder: string) => Promise<{ readonly stream: string; readonly path: string }>
  /** A little of everything, for as long as the demo runs. */
  live(): void
}

/** What a demo wants to show. */
export interface DemoOptions extends CommonOptions {
  /** Services as large as real ones, where that takes longer than a story. @default false */
  readonly large?: boolean
}

export interface EmulatorPart<F extends Flags = Flags> {
  readonly flags: F
  start(common: CommonOptions, flags: FlagValues<F>): Promise<Started>
  demo(common: DemoOptions): Promise<DemoPart>
}

/** Declares the part of an emulator; its index.ts exports it as `part`. */
export function emulatorPart<const F extends Flags>(part: EmulatorPart<F>): EmulatorPart<F> {
  return part
}
