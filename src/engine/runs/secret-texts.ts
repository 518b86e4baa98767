// Owns which texts of a connection must not be shown, and the limits of its requests, which are named without them.

import { optionFields } from '../../connector/options.ts'
import { limitsOf, ownerOf } from '../../http/declared-limits.ts'
import { territoryOf } from '../../http/urls.ts'
import type { Store } from '../../store/store.ts'
import { type OpenedConnection, textsIn } from './connection.ts'

/** The limits that the requests of a connection obey; `named`: how its connector names them, which may hold a secret. */
export function limitsOfConnection(opened: OpenedConnection) {
  const { settings, options, row } = opened
  const territory = territoryOf(options.baseUrl ?? settings.baseUrl, settings.allowedHosts)
  const secrets = secretTexts(opened)
  const limits = limitsOf(settings, territory, { owner: ownerOf(row.id, secrets), secrets })
  return limits.map((limit, at) => ({ limit, named: settings.limits?.[at]?.key ?? limit.key }))
}

/** A bucket that was stored under a key with a secret in it gets the one without. */
export async function renameLimits(store: Pick<Store, 'limits'>, opened: OpenedConnection): Promise<void> {
  for (const { limit, named } of limitsOfConnection(opened)) {
    if (named !== limit.key) await store.limits.rename(named, limit.key)
  }
}

/** What no message and no log may show: every text in the options that are secret. */
export function secretTexts(opened: OpenedConnection): readonly string[] {
  return namedSecrets(opened).map(([, text]) => text)
}

/** Each text by the name of its option; an option with several has a number at each. */
export function namedSecrets({ connector, options }: OpenedConnection): readonly (readonly [string, string])[] {
  return optionFields(connector.service.options).flatMap(({ name, secret }) =>
    secret ? textsIn(options[name]).map((text, at) => [at === 0 ? name : `${name}.${at}`, text] as const) : [],
  )
}
