// Owns one repository as GitHub shows it: its state, how it is invented, and its JSON text.
//
// Recorded (github3.py): the members and their types. What a repository holds is invented.

import type { Random } from '../kit/random.ts'

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization'
}

/** What can change about a repository; `version` grows with every change, and its text is made anew. */
export interface Repo {
  readonly id: number
  owner: Account
  name: string
  readonly description: string | null
  readonly homepage: string | null
  readonly language: string | null
  readonly license: License | null
  readonly topics: readonly string[]
  readonly fork: boolean
  readonly size: number
  readonly defaultBranch: string
  readonly createdAt: number
  updatedAt: number
  /** Null for a repository that nothing was ever pushed to. */
  pushedAt: number | null
  stars: number
  forks: number
  openIssues: number
  archived: boolean
  /** Gone from every listing: made private, or deleted. */
  hidden: 'private' | 'deleted' | undefined
  version: number
  texts: { version: number; anonymous?: Buffer; authenticated?: Buffer }
}

// Addresses inside records are the provider's own: the same seed gives the same bytes on every port.
export const API = 'https://api.github.com'

interface License {
  readonly key: string
  readonly name: string
  readonly spdx_id: string
  readonly url: string | null
  readonly node_id: string
}

const FIRST = 'amber brisk calm deft early faint grand hollow inner jolly keen lunar mild north oaken plain'.split(' ')
const SECOND = 'anvil beacon cedar delta ember fjord grove harbor islet juniper kiln lantern mortar nectar'.split(' ')
const THINGS = 'parser runner queue router editor compiler cache toolkit bindings theme server client'.split(' ')
const LANGUAGES = ['Python', 'TypeScript', 'Rust', 'Go', 'C', 'C++', 'Ruby', 'Shell', 'HTML', 'Java', null]
const TOPICS = 'cli http parser async database markdown testing sync terminal graphics embedded'.split(' ')
const LICENSES: readonly (License | null)[] = [
  license('mit', 'MIT License', 'MIT'),
  license('apache-2.0', 'Apache License 2.0', 'Apache-2.0'),
  license('bsd-3-clause', 'BSD 3-Clause "New" or "Revised" License', 'BSD-3-Clause'),
  { ...license('other', 'Other', 'NOASSERTION'), url: null },
  null,
]
// What breaks careless storing and displaying: quotes, backslashes, scripts, astral characters, spaces at the end.
const SPICE = ['', '', '', ' 🚀', ' “quoted”', ' for C:\\paths', ' <b>fast</b>', ' – 高速な実装', ' (café édition) ']

function license(key: string, name: string, spdx: string): License {
  const node_id = Buffer.from(`07:License${key.length}`).toString('base64')
  return { key, name, spdx_id: spdx, url: `${API}/licenses/${key}`, node_id }
}

/** Invents a repository that existed before `before` (milliseconds since 1970). */
export function inventRepo(random: Random, id: number, owner: Account, before: number): Repo {
  const thing = random.pick(THINGS)
  const language = random.pick(LANGUAGES)
  const created = before - random.int(60, 3 * 365 * 86_400) * 1000
  // Sizes of audiences are spread over powers of ten, as they really are.
  const stars = Math.floor(10 ** (random.next() * 4.6))
  const subject = `${random.pick(FIRST)} ${random.pick(SECOND)}`
  return {
    id,
    owner,
    name: random.chance(0.1) ? `${thing}.${random.pick(['js', 'py', 'rs'])}` : `${subject.replace(' ', '-')}-${thing}`,
    description: random.chance(0.06) ? null : `A ${thing} for ${subject}s${random.pick(SPICE)}`,
    homepage: random.pick([null, '', `https://${thing}.example.com`]),
    language,
    license: random.pick(LICENSES),
    topics: random.chance(0.5) ? random.shuffle(TOPICS).slice(0, random.int(1, 5)) : [],
    fork: random.chance(0.05),
    size: random.int(1, 250_000),
    defaultBranch: random.pick(['main', 'main', 'master', 'develop']),
    createdAt: created,
    updatedAt: before + 1000,
    pushedAt: random.chance(0.01) ? null : created + random.int(0, (before - created) / 1000) * 1000,
    stars,
    forks: Math.floor(stars * random.next() * 0.3),
    openIssues: Math.floor(stars * random.next() * 0.05),
    archived: random.chance(0.05),
    hidden: undefined,
    version: 1,
    texts: { version: 0 },
  }
}

/** The time as GitHub writes it: whole seconds, `Z`. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** The JSON text of a repository; authenticated readers see their permissions too. */
export function repoText(repo: Repo, authenticated: boolean): Buffer {
  if (repo.texts.version !== repo.version) repo.texts = { version: repo.version }
  const { texts } = repo
  if (authenticated) {
    texts.authenticated ??= Buffer.from(JSON.stringify({ ...repoObject(repo), permissions: PULL_ONLY }))
    return texts.authenticated
  }
  texts.anonymous ??= Buffer.from(JSON.stringify(repoObject(repo)))
  return texts.anonymous
}

const PULL_ONLY = { admin: false, maintain: false, push: false, triage: false, pull: true }

/** The repository as listings show it to anonymous readers. */
export function repoObject(repo: Repo): Record<string, unknown> {
  const { owner } = repo
  const fullName = `${owner.login}/${repo.name}`
  const api = `${API}/repos/${fullName}`
  const web = `https://github.com/${fullName}`
  const urls: Record<string, string> = {}
  for (const [name, path] of REPO_URLS) urls[name] = `${api}/${path}`
  return {
    id: repo.id,
    node_id: nodeId('R', repo.id),
    name: repo.name,
    full_name: fullName,
    private: false,
    owner: accountObject(owner),
    html_url: web,
    description: repo.description,
    fork: repo.fork,
    url: api,
    ...urls,
    created_at: isoSeconds(repo.createdAt),
    updated_at: isoSeconds(repo.updatedAt),
    pushed_at: repo.pushedAt === null ? null : isoSeconds(repo.pushedAt),
    git_url: `git://github.com/${fullName}.git`,
    ssh_url: `git@github.com:${fullName}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    homepage: repo.homepage,
    size: repo.size,
    stargazers_count: repo.stars,
    watchers_count: repo.stars,
    language: repo.language,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: !repo.archived,
    has_pages: repo.homepage !== null,
    has_discussions: false,
    forks_count: repo.forks,
    mirror_url: null,
    archived: repo.archived,
    disabled: false,
    open_issues_count: repo.openIssues,
    license: repo.license,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: repo.topics,
    visibility: 'public',
    forks: repo.forks,
    open_issues: repo.openIssues,
    watchers: repo.stars,
    default_branch: repo.defaultBranch,
  }
}

/** An account as it stands inside other objects. */
export function accountObject(account: Account): Record<string, unknown> {
  const api = `${API}/users/${account.login}`
  const urls: Record<string, string> = {}
  for (const [name, path] of ACCOUNT_URLS) urls[name] = `${api}/${path}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === 'User' ? 'U' : 'O', account.id),
    avatar_url: `https://avatars.githubusercontent.com/u/${account.id}?v=4`,
    gravatar_id: '',
    url: api,
    html_url: `https://github.com/${account.login}`,
    ...urls,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  }
}

function nodeId(prefix: string, id: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(id >>> 0)
  return `${prefix}_kgDO${bytes.toString('base64url')}`
}

const REPO_URLS: readonly (readonly [string, string])[] = (
  'forks keys{/key_id} collaborators{/collaborator} teams hooks issue_events:issues/events{/number} events ' +
  'assignees{/user} branches{/branch} tags blobs:git/blobs{/sha} git_tags:git/tags{/sha} git_refs:git/refs{/sha} ' +
  'trees:git/trees{/sha} statuses/{sha} languages stargazers contributors subscribers subscription commits{/sha} ' +
  'git_commits:git/commits{/sha} comments{/number} issue_comment:issues/comments{/number} contents/{+path} ' +
  'compare/{base}...{head} merges archive:{archive_format}{/ref} downloads issues{/number} pulls{/number} ' +
  'milestones{/number} notifications{?since,all,participating} labels{/name} releases{/id} deployments'
)
  .split(' ')
  .map(templateUrl)

const ACCOUNT_URLS: readonly (readonly [string, string])[] = (
  'followers following{/other_user} gists{/gist_id} starred{/owner}{/repo} subscriptions organizations:orgs repos ' +
  'events{/privacy} received_events'
)
  .split(' ')
  .map(templateUrl)

/** `name:path`, or a path whose first word is the name. */
function templateUrl(entry: string): readonly [string, string] {
  const colon = entry.indexOf(':')
  const name = colon < 0 ? (/^[a-z_]+/.exec(entry) as RegExpExecArray)[0] : entry.slice(0, colon)
  return [`${name}_url`, entry.slice(colon + 1)]
}
