/**
 * Identity said a second time, slowly and obviously: the answer every faster model must give.
 * It shares no code with `@onymous/identity` and knows no index, no hash and no batch.
 *
 * Left out, so not to be asked about here: the event buffer, personless events, events and keys that
 * never update a person today, timestamp correction, the size limit, guards, and a project's own illegal ids.
 */

export interface WireEvent {
  readonly event: string
  readonly distinct_id: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly $set?: unknown
  readonly $set_once?: unknown
  readonly $unset?: unknown
  readonly uuid?: string
  readonly timestamp?: string
}

export type Preset = "page" | "posthog"

export interface Person {
  /** The id the person was created with; it names the person for ever. */
  firstId: string
  ids: Set<string>
  properties: Map<string, unknown>
  isIdentified: boolean
  createdAt: number
}

export interface Warning {
  readonly type: string
  readonly ids: ReadonlyArray<string>
}

export interface Answer {
  readonly persons: ReadonlyArray<Person>
  readonly warnings: ReadonlyArray<Warning>
  /** For each event, the `firstId` of its person when it was processed; undefined: dropped. */
  readonly owners: ReadonlyArray<string | undefined>
}

interface Operations {
  readonly set: Map<string, unknown>
  readonly setOnce: Map<string, unknown>
  readonly unset: ReadonlyArray<string>
}

interface World {
  readonly preset: Preset
  persons: Array<Person>
  readonly warnings: Array<Warning>
}

const START = Date.parse("2022-10-25T12:00:00.000Z")

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const ILLEGAL_IN_ANY_CASE =
  "anonymous guest distinctid distinct_id id not_authenticated email undefined true false".split(
    " ",
  )
const ILLEGAL_AS_WRITTEN = ["[object Object]", "NaN", "None", "none", "null", "0"]

const CAMPAIGN_2022 =
  "utm_source utm_medium utm_campaign utm_content utm_name utm_term gclid fbclid".split(" ")
const INITIAL_2022 = [
  ...CAMPAIGN_2022,
  ..."$browser $browser_version $device_type $current_url $pathname $os".split(" "),
  ..."$referring_domain $referrer".split(" "),
]
const MAPPED_TODAY = [
  ..."$app_build $app_name $app_namespace $app_version $browser $browser_version".split(" "),
  ..."$device_type $current_url $pathname $os $os_name $os_version $referring_domain".split(" "),
  ..."$referrer $screen_height $screen_width $viewport_height $viewport_width".split(" "),
  ..."$raw_user_agent utm_source utm_medium utm_campaign utm_content utm_name".split(" "),
  ..."utm_term gclid gad_source gclsrc dclid gbraid wbraid fbclid msclkid twclid".split(" "),
  ..."li_fat_id mc_cid igshid ttclid rdt_cid irclid _kx epik qclid sccid".split(" "),
]

/** What a log comes to: `answers[i]` is the state after event `i`, the last one the end. */
export const answers = (preset: Preset, log: ReadonlyArray<WireEvent>): ReadonlyArray<Answer> => {
  const world: World = { preset, persons: [], warnings: [] }
  const owners: Array<string | undefined> = []
  return log.map((event, index) => {
    owners.push(process(world, event, index))
    return structuredClone({ persons: world.persons, warnings: world.warnings, owners })
  })
}

/** What a log comes to in the end; quick enough for long ones. */
export const answer = (preset: Preset, log: ReadonlyArray<WireEvent>): Answer => {
  const world: World = { preset, persons: [], warnings: [] }
  const owners = log.map((event, index) => process(world, event, index))
  return { persons: world.persons, warnings: world.warnings, owners }
}

const process = (world: World, event: WireEvent, index: number): string | undefined => {
  if (event.uuid !== undefined && !UUID.test(event.uuid)) {
    world.warnings.push({ type: "skipping_event_invalid_uuid", ids: [JSON.stringify(event.uuid)] })
    return undefined
  }
  // An event without a time happens a second after the one before it.
  const at = event.timestamp === undefined ? START + index * 1000 : Date.parse(event.timestamp)
  const { person, isNew } = settle(world, event, at)
  apply(world.preset, person, isNew, operationsOf(world.preset, event))
  return person.firstId
}

interface Settled {
  readonly person: Person
  readonly isNew: boolean
}

/** Does what the event says about ids, and finds or makes the person it belongs to. */
const settle = (world: World, event: WireEvent, at: number): Settled => {
  const target = clean(event.distinct_id)
  const source = sourceOf(world.preset, event)
  if (source === undefined || source === target) return plain(world, target, at)
  for (const [illegal, other] of [
    [target, source],
    [source, target],
  ] as const) {
    if (isIllegal(world.preset, illegal)) {
      const type = "cannot_merge_with_illegal_distinct_id"
      world.warnings.push({ type, ids: [illegal, other] })
      return plain(world, target, at)
    }
  }
  const settled = link(world, source, target, event.event === "$merge_dangerously", at)
  settled.person.isIdentified = true
  return settled
}

const plain = (world: World, target: string, at: number): Settled => {
  const person = find(world, target)
  if (person !== undefined) return { person, isNew: false }
  return { person: create(world, target, at), isNew: true }
}

const link = (
  world: World,
  source: string,
  target: string,
  dangerous: boolean,
  at: number,
): Settled => {
  const from = find(world, source)
  const into = find(world, target)
  if (from !== undefined && from === into) return { person: into, isNew: false }
  // Strictly read, the page refuses an identified source even where the target was never seen.
  const mayRefuse = into !== undefined || world.preset === "page"
  if (from?.isIdentified === true && mayRefuse && !dangerous) {
    world.warnings.push({ type: "cannot_merge_already_identified", ids: [source, target] })
    return plain(world, target, at)
  }
  if (from !== undefined && into !== undefined) {
    for (const id of from.ids) into.ids.add(id)
    into.properties = new Map([...from.properties, ...into.properties])
    into.createdAt = Math.min(from.createdAt, into.createdAt)
    world.persons = world.persons.filter((person) => person !== from)
    return { person: into, isNew: false }
  }
  const known = from ?? into
  const person = known ?? create(world, target, at)
  person.ids.add(source).add(target)
  return { person, isNew: known === undefined }
}

/** The id that the event asks to merge into its `distinct_id`. */
const sourceOf = (preset: Preset, event: WireEvent): string | undefined => {
  const properties = new Map(Object.entries(event.properties ?? {}))
  const anonymous = properties.get("$anon_distinct_id")
  const alias = properties.get("alias")
  switch (event.event) {
    case "$identify":
      if (preset === "page") return anonymous ? clean(text(anonymous)) : undefined
      return properties.has("$anon_distinct_id") ? clean(text(anonymous)) : undefined
    case "$create_alias":
      return alias ? clean(text(alias)) : undefined
    case "$merge_dangerously":
      return alias && preset === "posthog" ? clean(text(alias)) : undefined
    default:
      return undefined
  }
}

const isIllegal = (preset: Preset, id: string): boolean => {
  if (isListed(id) || id.trim() === "") return true
  if (preset === "page") return false
  const quote = id.at(0)
  const isQuoted = id.length >= 2 && (quote === '"' || quote === "'") && id.at(-1) === quote
  // The mark that a NUL leaves: the preset bars ids with NUL, and by now nothing else tells them apart.
  const isUnusable = id.includes("\uFFFD") || [...id].length > 400
  return isUnusable || (isQuoted && isListed(id.slice(1, -1)))
}

const isListed = (id: string): boolean =>
  ILLEGAL_AS_WRITTEN.includes(id) || ILLEGAL_IN_ANY_CASE.includes(id.toLowerCase())

const operationsOf = (preset: Preset, event: WireEvent): Operations => {
  const properties = new Map(Object.entries(event.properties ?? {}))
  const set = [...entries(properties.get("$set")), ...entries(event.$set)]
  const setOnce = [...entries(properties.get("$set_once")), ...entries(event.$set_once)]
  const given = properties.get("$unset")
  const keys = Array.isArray(given) ? given : preset === "posthog" ? entries(given).map(first) : []
  const unset = keys.filter((key) => typeof key === "string")
  const mapped = (names: ReadonlyArray<string>, key: (name: string) => string) =>
    event.event === "$snapshot"
      ? []
      : names
          .filter((name) => properties.has(name))
          .map((name) => pair(key(name), properties, name))
  // The later entry of a key wins: in 2022 the mapped value, today the one said outright.
  return preset === "page"
    ? {
        set: new Map([...set, ...mapped(CAMPAIGN_2022, same)]),
        setOnce: new Map([...setOnce, ...mapped(INITIAL_2022, initial)]),
        unset,
      }
    : {
        set: new Map([...mapped(MAPPED_TODAY, same), ...set]),
        setOnce: new Map([...mapped(MAPPED_TODAY, initial), ...setOnce]),
        unset,
      }
}

const apply = (preset: Preset, person: Person, isNew: boolean, operations: Operations): void => {
  const before = new Set(person.properties.keys())
  for (const [key, value] of operations.setOnce) {
    if (!person.properties.has(key)) person.properties.set(key, value)
  }
  for (const [key, value] of operations.set) person.properties.set(key, value)
  for (const key of operations.unset) {
    if (preset === "page" || (!isNew && before.has(key))) person.properties.delete(key)
  }
}

const find = (world: World, id: string): Person | undefined =>
  world.persons.find((person) => person.ids.has(id))

const create = (world: World, id: string, createdAt: number): Person => {
  const ids = new Set([id])
  const person = { firstId: id, ids, properties: new Map(), isIdentified: false, createdAt }
  world.persons.push(person)
  return person
}

const clean = (id: string): string => id.replaceAll("\0", "\uFFFD").toWellFormed()

/** What JavaScript's `String` says, without asking an object that has a `toString` of its own. */
const text = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => (item === null ? "" : text(item))).join(",")
  return typeof value === "object" && value !== null ? "[object Object]" : String(value)
}

const entries = (value: unknown): ReadonlyArray<readonly [string, unknown]> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : []

const first = ([key]: readonly [string, unknown]): string => key

const pair = (key: string, properties: ReadonlyMap<string, unknown>, name: string) =>
  [key, properties.get(name)] as const

const same = (name: string): string => (name === "$os_name" ? "$os" : name)

const initial = (name: string): string => `$initial_${same(name).replace(/^\$/, "")}`
