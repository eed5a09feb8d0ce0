/**
 * The rules of SPEC written a second time, slow and plain: every faster model must give its answers.
 * It shares no code with `@onymous/identity` and knows no index, no hash and no batch.
 *
 * It leaves out, and must not be asked about: the size limit, guards, a project's own patterns of
 * illegal ids, retractions, and projects other than `A`.
 */

import * as EventEffect from "./EventEffect.ts"
import * as EventIntent from "./EventIntent.ts"
import * as ModelTime from "./ModelTime.ts"
import * as OperatorActs from "./OperatorActs.ts"
import * as People from "./People.ts"
import * as PlainJson from "./PlainJson.ts"
import * as Rules from "./Rules.ts"

/** A line of a file of events (DESIGN §7): an event, a policy, an advance or an api command. */
export type Line = PlainJson.Bag

export type Status = "attributed" | "pending" | "dropped" | "personless" | "duplicate"

/** The result of the lines, in the form of `onymous replay --json`. */
export interface Answer {
  /** Sorted by first distinct id. */
  readonly persons: ReadonlyArray<{
    readonly person_id: string
    readonly distinct_ids: ReadonlyArray<string>
    readonly properties: PlainJson.Bag
    readonly is_identified: boolean
    readonly created_at: string
    readonly version: number
  }>
  readonly events: ReadonlyArray<{
    readonly line: number
    readonly status: Status
    readonly person_id: string | null
    readonly stamped_person_id: string | null
    readonly timestamp: string
    readonly buffered: boolean
  }>
  readonly warnings: ReadonlyArray<Warning>
}

export interface Warning {
  readonly type: string
  readonly line: number
  readonly details: PlainJson.Bag
}

/** A recorded event and its fate. */
interface Recorded {
  readonly line: number
  readonly event: PlainJson.Bag
  readonly id: string
  readonly now: number
  /** The time of its release, if it waits. */
  due: number | undefined
  status: Status
  stamped: string | null
  at: number
  buffered: boolean
  /** True after the deletion of the person that owned the event. */
  isForgotten: boolean
}

interface World {
  readonly people: People.People
  readonly recorded: Array<Recorded>
  /** Every event line; the line of a repeated uuid points to the first event with it. */
  readonly shown: Array<{ readonly line: number; readonly recorded: Recorded }>
  readonly warnings: Array<Warning>
  now: number
}

/** The result of all the lines. */
export const answer = (preset: Rules.Preset, lines: ReadonlyArray<Line>): Answer => {
  const world = begin(preset)
  for (const [index, line] of lines.entries()) fold(world, line, index)
  return tell(world)
}

/** The results after each of the lines. */
export const answers = (
  preset: Rules.Preset,
  lines: ReadonlyArray<Line>,
): ReadonlyArray<Answer> => {
  const world = begin(preset)
  return lines.map((line, index) => {
    fold(world, line, index)
    return tell(world)
  })
}

const begin = (preset: Rules.Preset): World => ({
  people: People.empty(Rules.presets[preset]),
  recorded: [],
  shown: [],
  warnings: [],
  now: -Infinity,
})

const tell = ({ people, shown, warnings }: World): Answer => ({
  persons: people.persons.map(toPerson).toSorted(byFirstId),
  events: shown.map(({ line, recorded }) => toEvent(people, line, recorded)),
  warnings: [...warnings],
})

const fold = (world: World, line: Line, index: number): void => {
  const repeated = repeatedBy(world, line)
  if (repeated !== undefined) {
    world.shown.push({ line: index, recorded: repeated })
    return
  }
  const advance = ModelTime.parse(PlainJson.get(line, "advance_to"))
  world.now = Math.max(world.now, advance ?? ModelTime.arrival(line, index))
  world.people.line = index
  release(world)
  if (advance !== undefined) return
  const policy = PlainJson.get(line, "policy")
  if (PlainJson.isBag(policy)) world.people.rules = Rules.change(world.people.rules, policy)
  else if (PlainJson.has(line, "api")) command(world, line, index)
  else record(world, line, index)
}

/** The earlier event with the uuid of a line. */
const repeatedBy = (world: World, line: Line): Recorded | undefined => {
  const uuid = PlainJson.get(line, "uuid")
  if (!PlainJson.has(line, "event") || !EventIntent.isUuid(uuid)) return undefined
  return world.recorded.find(({ event }) => PlainJson.get(event, "uuid") === uuid.toLowerCase())
}

/** Processes the waiting events that are due, by due time, then position. */
const release = (world: World): void => {
  const due = world.recorded
    .filter(({ due }) => due !== undefined && due <= world.now)
    .toSorted((a, b) => (a.due ?? 0) - (b.due ?? 0) || a.line - b.line)
  for (const recorded of due) process(world, recorded)
}

const record = (world: World, line: Line, index: number): void => {
  const uuid = PlainJson.get(line, "uuid")
  const cleaned = PlainJson.clean(
    EventIntent.isUuid(uuid) ? { ...line, uuid: uuid.toLowerCase() } : line,
  )
  const event = PlainJson.isBag(cleaned) ? cleaned : {}
  const recorded: Recorded = {
    line: index,
    event,
    id: PlainJson.idOf(PlainJson.get(event, "distinct_id")),
    now: world.now,
    due: undefined,
    status: "pending",
    stamped: null,
    at: ModelTime.moment(world.people.rules, event, world.now).at,
    buffered: false,
    isForgotten: false,
  }
  world.recorded.push(recorded)
  world.shown.push({ line: index, recorded })
  if (EventIntent.waits(world.people, event, recorded.id)) {
    recorded.due = world.now + world.people.rules.buffer_window_seconds * 1000
    recorded.buffered = true
  } else process(world, recorded)
}

const process = (world: World, recorded: Recorded): void => {
  const { people } = world
  const { event, id, line, now } = recorded
  const { rules } = people
  const warn: People.Warn = (type, details) => world.warnings.push({ type, line, details })
  recorded.due = undefined
  const bar = EventIntent.barOf(rules, event)
  if (bar !== undefined) {
    const uuid = PlainJson.get(event, "uuid")
    const isUuidBad = bar === "skipping_event_invalid_uuid"
    warn(bar, isUuidBad ? { eventUuid: JSON.stringify(uuid) } : {})
    recorded.status = "dropped"
    return
  }
  const { at, warnings } = ModelTime.moment(rules, event, now)
  recorded.at = at
  for (const { type, details } of warnings) warn(type, details)
  const flag = PlainJson.get(PlainJson.get(event, "properties"), "$process_person_profile")
  const isHeeded = rules.personless_events && !rules.person_processing_opt_out
  if (isHeeded && flag !== undefined && typeof flag !== "boolean") {
    warn("invalid_process_person_profile", {})
  }
  if (EventIntent.isPersonless(rules, event)) {
    const person = People.find(people, id)
    if (person === undefined) people.personless = [...people.personless, id]
    recorded.status = "personless"
    recorded.stamped = person?.personId ?? People.nameOf(people, id)
    return
  }
  recorded.status = "attributed"
  recorded.stamped = EventEffect.apply(people, event, at, id, warn).personId
}

/** Carries out an operator's command. */
const command = ({ people, now, recorded, warnings }: World, given: Line, line: number): void =>
  OperatorActs.carryOut(people, given, {
    now,
    warn: (type, details) => warnings.push({ type, line, details }),
    forget: (ids) => {
      for (const each of recorded) {
        if (each.status !== "pending" && ids.includes(each.id)) each.isForgotten = true
      }
    },
  })

const toPerson = (person: People.Person): Answer["persons"][number] => ({
  person_id: person.personId,
  distinct_ids: person.ids.toSorted(),
  properties: Object.fromEntries(person.properties),
  is_identified: person.isIdentified,
  created_at: new Date(person.createdAt).toISOString(),
  version: person.version,
})

const byFirstId = (a: Answer["persons"][number], b: Answer["persons"][number]): number =>
  (a.distinct_ids[0] ?? "") < (b.distinct_ids[0] ?? "") ? -1 : 1

const toEvent = (
  people: People.People,
  line: number,
  { id, stamped, at, isForgotten, ...recorded }: Recorded,
): Answer["events"][number] => {
  // The line of a repeated uuid is nobody's: the first event with it holds.
  const status = line === recorded.line ? recorded.status : "duplicate"
  const isNobodys = isForgotten || ["pending", "dropped", "duplicate"].includes(status)
  return {
    line,
    status,
    person_id: isNobodys ? null : (People.find(people, id)?.personId ?? null),
    stamped_person_id: status === "duplicate" ? null : stamped,
    timestamp: new Date(at).toISOString(),
    buffered: status !== "duplicate" && recorded.buffered,
  }
}
