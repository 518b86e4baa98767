// Owns how push services are talked to: as whom, and where they may be.

import { TidemarkError } from '../../model/errors.ts'

export interface PushSettings {
  /**
   * How a push service reaches whoever runs this (RFC 8292, 2.1): an address that begins with mailto: or https:. Some push
   * services refuse messages with one that cannot exist.
   *
   * @default TIDEMARK_PUSH_CONTACT; else an address at which nobody is
   */
  readonly contact: string
  /** Whether a push service may be on this machine or in its networks. @default whether TIDEMARK_PUSH_PRIVATE is 1 */
  readonly allowPrivateNetwork: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws TidemarkError option_invalid */
export function pushSettings(given: Partial<PushSettings> = {}, environment: Environment = process.env): PushSettings {
  const contact = given.contact ?? (environment['TIDEMARK_PUSH_CONTACT'] || 'mailto:nobody@tidemark.invalid')
  if (!/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(contact)) {
    throw new TidemarkError('option_invalid', `"${contact}" is no address for push services to write to.`, {
      hint: 'Set TIDEMARK_PUSH_CONTACT to one such as mailto:you@example.com or https://example.com/contact.',
    })
  }
  const { allowPrivateNetwork = environment['TIDEMARK_PUSH_PRIVATE'] === '1' } = given
  return { contact, allowPrivateNetwork }
}
