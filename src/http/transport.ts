// Owns the port through which every byte leaves: one request out, one complete answer back. The real one is
// node-transport.ts; a simulation brings its own. Whether an answer can be trusted is client.ts's business.

export interface TransportRequest {
  readonly method: string
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** The body, where it is no text. */
  readonly bytes?: Uint8Array
  /** The answer is wanted as its bytes, and is no text. @default false */
  readonly isBytes?: boolean
  /** Until the whole body is there. */
  readonly timeoutMs: number
  /** A longer body (after decompression) is refused while it is read. */
  readonly bytesMax: number
  readonly allowPrivateNetwork: boolean
  readonly signal: AbortSignal
}

export interface TransportAnswer {
  readonly status: number
  /** Lower-case names; repeated ones joined by ", ". */
  readonly headers: Readonly<Record<string, string>>
  /** The complete body, decompressed, as UTF-8 text without a byte order mark. */
  readonly text: string
  /** Of a request for bytes: the body as it came, which nothing has unpacked; its text is empty. */
  readonly body?: Uint8Array
  /** Length of the body as it came over the wire, before decompression. Absent: as long as the text. */
  readonly bytes?: number
}

export interface Transport {
  /**
   * Sends one request and reads the whole answer; follows no redirect and retries nothing.
   *
   * @throws TidemarkError network_failed, timed_out, body_incomplete, body_not_text (retry), certificate_refused,
   *   header_refused, url_refused, address_refused, body_too_large (stop), cancelled (stop) when the signal aborts
   */
  send(request: TransportRequest): Promise<TransportAnswer>
  close(): Promise<void>
}
