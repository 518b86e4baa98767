// Owns the licences of packages whose code becomes a part of what is built.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The licences of the packages that modules come from, each under its name. */
export function licencesOf(modules) {
  const folders = new Map(modules.flatMap((id) => packageOf(id) ?? []))
  return [...folders]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(licence)
    .join('\n')
}

/** The package that a module comes from, with its folder; undefined for our own. */
function packageOf(id) {
  const [, folder, name] = /^(.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+))/.exec(id.replace(/^\0/, '')) ?? []
  return folder === undefined ? undefined : [[name.replaceAll('\\', '/'), folder]]
}

function licence([name, folder]) {
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one))
  // Some packages only name it.
  const { license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (file === undefined && license === undefined) throw new Error(`The package ${name} tells no licence.`)
  const by = typeof author === 'string' ? author : author?.name
  const text =
    file === undefined ? `${license} licence, by ${by ?? 'its authors'}\n` : readFileSync(join(folder, file), 'utf8')
  return `${name}\n\n${text}`
}
