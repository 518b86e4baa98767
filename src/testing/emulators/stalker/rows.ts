// Owns how titles, categories and channels are written: field by field as server/lib/vod.class.php and itv.class.php of
// stalker_portal write them (all text, MySQL's way), and as PortalHelpers.php of Xtream emulators does (numbers, fillers).

import { type Channel, nameOf, type PortalKind, type SortBy, type Title } from './world.ts'

type Row = Record<string, unknown>

/** A date as MySQL writes it; 0 is its zero date. */
export function mysqlDate(seconds: number): string {
  return seconds === 0 ? '0000-00-00 00:00:00' : new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')
}

const LANGUAGES = ['a:1:{i:0;s:2:"en";}', 'a:2:{i:0;s:2:"en";i:1;s:2:"ru";}', '']

/** What both kinds of portal say of a title. */
function commonOf(title: Title, today: number) {
  const { n, added, category } = title
  return {
    o_name: `Original ${n}`,
    year: String(1950 + (n % 75)),
    minutes: 60 + (n % 90),
    path: `Original_${n}`,
    category: String(category),
    added: mysqlDate(added),
    /** Under which heading the box shows it, when it is sorted by date. */
    heading: headingOf(added, today),
  }
}

/** Made once: making one takes longer than writing a whole page. */
const MONTH = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' })

function headingOf(added: number, today: number): Row {
  const date = new Date(added * 1_000)
  const days = Math.floor(today / 86_400) - Math.floor(added / 86_400)
  if (days === 0) return { today: 'Today' }
  if (days === 1) return { yesterday: 'Yesterday' }
  return { week_and_more: `${MONTH.format(date)} ${date.getUTCFullYear()}` }
}

/** A row of Ministra's table: MySQL's text, and booleans and numbers that PHP adds. */
export function ministraRow(title: Title, { id, today, sortBy }: { id: string; today: number; sortBy: SortBy }): Row {
  const { n, series } = title
  const common = commonOf(title, today)
  return {
    id,
    owner: '',
    name: `${nameOf(title)} / ${common.o_name}`,
    old_name: '',
    o_name: common.o_name,
    fname: '',
    description: `What happens in title ${n}.`,
    pic: '',
    cost: '0',
    time: String(common.minutes),
    file: '',
    path: common.path,
    protocol: 'http',
    rtsp_url: '',
    censored: n % 40 === 0 ? '1' : '0',
    series: [],
    volume_correction: '0',
    category_id: common.category,
    genre_id: '0',
    genre_id_1: '0',
    genre_id_2: '0',
    genre_id_3: '0',
    genre_id_4: '0',
    cat_genre_id_1: '31',
    cat_genre_id_2: '0',
    cat_genre_id_3: '0',
    cat_genre_id_4: '0',
    director: `Director ${n % 300}`,
    actors: `Actor ${n % 500}, Actor ${n % 700}`,
    year: common.year,
    accessed: '1',
    status: '1',
    disable_for_hd_devices: '0',
    added: common.added,
    count: String(n % 9),
    count_first_0_5: '0',
    count_second_0_5: '0',
    vote_sound_good: '0',
    vote_sound_bad: '0',
    vote_video_good: '0',
    vote_video_bad: '0',
    rate: '',
    last_rate_update: null,
    last_played: mysqlDate(today).slice(0, 10),
    hd: String(n % 2),
    rating_imdb: n % 11 === 0 ? '' : `${(n % 90) / 10 + 1}`,
    rating_kinopoisk: n % 13 === 0 ? '' : `${(n % 80) / 10 + 2}`,
    age: n % 5 === 0 ? '16+' : '',
    is_series: series ? '1' : '0',
    year_end: '0',
    screenshots: n % 4 === 0 ? `${n}1,${n}2` : '0',
    languages: LANGUAGES[n % 3],
    is_movie: true,
    lock: 0,
    fav: 0,
    for_rent: 0,
    screenshot_uri: n % 6 === 0 ? false : `/stalker_portal/screenshots/${Math.ceil(n / 100)}/${n}.jpg`,
    genres_str: n % 7 === 0 ? '' : 'Drama, Comedy',
    cmd: `/media/${n}.mpg`,
    low_quality: 0,
    has_files: 1,
    ...(sortBy === 'added' && common.heading),
  }
}

/** A row of an Xtream emulator: numbers, and "N/A" for what it does not know. */
export function xtreamRow(title: Title, { id, today }: { id: string; today: number }): Row {
  const { n, series } = title
  const common = commonOf(title, today)
  const stream = { type: series ? 'series' : 'movie', stream_id: n }
  return {
    id: series ? id : Number(id),
    owner: '',
    name: nameOf(title),
    tmdb_id: 1_447_000 + n,
    old_name: '',
    o_name: nameOf(title),
    fname: '',
    description: 'N/A',
    pic: '',
    cost: 0,
    time: common.minutes,
    file: '',
    path: common.path,
    protocol: '',
    rtsp_url: '',
    censored: 0,
    series: series ? Array.from({ length: (n % 9) + 1 }, (_, i) => i + 1) : [],
    volume_correction: 0,
    category_id: common.category,
    genre_id: 0,
    hd: 1,
    cat_genre_id_1: common.category,
    director: 'N/A',
    actors: 'N/A',
    year: common.year,
    accessed: 1,
    status: 1,
    disable_for_hd_devices: 0,
    added: common.added,
    count: 0,
    rate: '',
    last_rate_update: '',
    last_played: '',
    for_sd_stb: 0,
    rating_im: n % 3 === 0 ? '6.5' : 'N/A',
    rating_kinopoisk: 'N/A',
    age: '12+',
    high_quality: 0,
    comments: '',
    low_quality: 0,
    is_series: series ? 1 : 0,
    year_end: 0,
    autocomplete_provider: 'im',
    screenshots: '',
    is_movie: series ? 0 : 1,
    lock: 0,
    fav: 0,
    for_rent: 0,
    screenshot_uri: `https://image.tmdb.example/t/p/w600_and_h900_bestv2/${n}.jpg`,
    genres_str: 'N/A',
    cmd: Buffer.from(JSON.stringify(stream)).toString('base64'),
    week_and_more: mysqlDate(title.added).slice(0, 10),
    has_files: 0,
  }
}

/** The list of categories, as vod.class.php makes it: "*" stands for all of them, and Ministra ends with what is coming soon. */
export function categoryRows(kind: PortalKind, ids: readonly number[], type: 'vod' | 'series'): Row[] {
  const censored = (n: number) => (kind === 'ministra' ? (n === 1 ? '1' : '0') : n === 1 ? 1 : 0)
  const named = (n: number) => `${type === 'series' ? 'Series' : 'Category'} ${n}`
  const all = { id: '*', title: 'All', alias: '*', censored: censored(0) }
  // Emulators number the categories of films and series in one space.
  const idOf = (n: number) => String(type === 'series' ? 500 + n : n)
  const rows = ids.map((n) => ({ id: idOf(n), title: named(n), alias: `${type}-${n}`, censored: censored(n) }))
  const soon = { id: 'coming_soon', title: 'Coming soon', alias: 'coming_soon', censored: censored(0) }
  return [all, ...rows, ...(kind === 'ministra' ? [soon] : [])]
}

export function channelRow(kind: PortalKind, { n, version }: Channel): Row {
  const value = (number: number) => (kind === 'ministra' ? String(number) : number)
  return {
    id: String(n),
    name: `Channel ${n}${version > 0 ? ` (${version})` : ''}`,
    number: value(n),
    censored: value(0),
    cmd: `ffrt http://localhost/ch/${n}`,
    cost: value(0),
    status: value(1),
    hd: value(n % 2),
    tv_genre_id: String((n % 5) + 1),
    base_ch: '1',
    xmltv_id: n % 3 === 0 ? '' : `channel-${n}.example`,
    service_id: '',
    logo: n % 4 === 0 ? '' : `${n}.png`,
    enable_tv_archive: value(n % 2),
    fav: 0,
    lock: 0,
    use_http_tmp_link: '0',
    genres_str: '',
    cur_playing: '',
    cmds: [],
  }
}
