import { Result } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import * as Json from "@onymous/identity/encoding/Json"
import { Position } from "@onymous/identity/event/Position"
import type { Interval } from "@onymous/persons/rows/Interval"
import type { History } from "../history/History.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

/** A condition on a project's state, and the positions at which its answer can change. */
export interface Condition {
  readonly holds: (position: Position) => boolean
  readonly turns: ReadonlyArray<Position>
}

/** The first position at which a condition holds, and whether it holds at every later turn. */
export interface Finding {
  readonly position: Position | undefined
  /** False where the condition ceased to hold at some later position. */
  readonly isLasting: boolean
}

const ends = (rows: ReadonlyArray<Interval>): ReadonlyArray<Position> =>
  rows.flatMap(({ from, to }) => (to === null ? [from] : [from, to]))

const sorted = (positions: ReadonlyArray<Position>): ReadonlyArray<Position> =>
  [...new Set(positions)].toSorted((a, b) => a - b)

/** The positions at which one of the ids changes its component, or that component its person. */
const turnsOfIds = (history: History, ids: ReadonlyArray<DistinctId>): ReadonlyArray<Position> => {
  const memberships = ids.flatMap((id) => history.membershipsOf(id))
  const owners = memberships.flatMap(
    ({ component }) => history.tables.components.get(component) ?? [],
  )
  return ends([...memberships, ...owners])
}

const turnsOfPersons = (history: History, id: DistinctId): ReadonlyArray<Position> => {
  const persons = new Set(
    turnsOfIds(history, [id]).flatMap((position) => history.versionAt(id, position)?.id ?? []),
  )
  return ends([...persons].flatMap((personId) => history.versionsOf(personId)))
}

/** Holds while two ids belong to one person. */
export const same = (history: History, a: DistinctId, b: DistinctId): Condition => ({
  holds: (position) => {
    const component = history.componentAt(a, position)
    return component !== undefined && component === history.componentAt(b, position)
  },
  turns: turnsOfIds(history, [a, b]),
})

/** Holds while the person of an id has a property with this value. */
export const property = (
  history: History,
  id: DistinctId,
  key: string,
  value: Json.Json,
): Condition => ({
  holds: (position) => {
    const person = history.versionAt(id, position)
    return person !== undefined && Json.equals(Json.get(person.properties, key), value)
  },
  turns: [...turnsOfIds(history, [id]), ...turnsOfPersons(history, id)],
})

/** The number of sorted positions up to a position. */
const countUpTo = (positions: ReadonlyArray<Position>, position: Position): number => {
  let [low, high] = [0, positions.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((positions[middle] ?? 0) <= position) low = middle + 1
    else high = middle
  }
  return low
}

/** The number of rows that hold at a position. */
const countOf = (rows: ReadonlyArray<Interval>) => {
  const begins = rows.map(({ from }) => from).toSorted((a, b) => a - b)
  const ends = rows.flatMap(({ to }) => to ?? []).toSorted((a, b) => a - b)
  return (position: Position) => countUpTo(begins, position) - countUpTo(ends, position)
}

/** Holds while the person of an id has more than this many distinct ids. */
export const ids = (history: History, id: DistinctId, count: number): Condition => {
  const components = new Set(history.membershipsOf(id).map(({ component }) => component))
  const counts = new Map(
    Array.from(components, (each) => [each, countOf(history.membershipsIn(each))] as const),
  )
  return {
    holds: (position) => {
      const component = history.componentAt(id, position)
      const size = component === undefined ? undefined : counts.get(component)?.(position)
      return (size ?? 0) > count
    },
    turns: history.changes.map(({ position }) => position),
  }
}

/**
 * The count at a position: a look-up where the count turns there, else the count of the last turn
 * before it.
 */
const countAt = (
  counts: ReadonlyMap<Position, number>,
  positions: ReadonlyArray<Position>,
  position: Position,
): number => {
  const here = counts.get(position)
  if (here !== undefined) return here
  const last = positions.findLast((each) => each <= position)
  return last === undefined ? 0 : (counts.get(last) ?? 0)
}

/** Holds while there are more than this many persons. */
export const persons = (history: History, count: number): Condition => {
  const turns: Array<readonly [Position, number]> = []
  for (const rows of history.tables.persons.values()) {
    for (const { from, to } of rows) {
      turns.push([from, 1])
      if (to !== null) turns.push([to, -1])
    }
  }
  turns.sort(([a], [b]) => a - b)
  const counts = new Map<Position, number>()
  let sum = 0
  for (const [position, step] of turns) counts.set(position, (sum += step))
  const positions = [...counts.keys()]
  return {
    holds: (position) => countAt(counts, positions, position) > count,
    turns: positions,
  }
}

/** Holds from the position on at which more than this many warnings of a type were raised. */
export const warnings = (history: History, type: string, count: number): Condition => {
  const counts = new Map<Position, number>()
  let sum = 0
  for (const { warning, from } of history.tables.warnings) {
    if (warning.type === type) counts.set(from, ++sum)
  }
  const positions = [...counts.keys()]
  return {
    holds: (position) => countAt(counts, positions, position) > count,
    turns: positions,
  }
}

/** A condition of the caller's own, with a turn at every event. */
export const custom = (history: History, holds: (position: Position) => boolean): Condition => ({
  holds,
  turns: history.log.map(({ position }) => position),
})

/** The first position at which a condition holds; only its turns are tried. */
export const bisect = ({ holds, turns }: Condition): Finding => {
  const positions = sorted(turns)
  const first = positions.findIndex((position) => holds(position))
  if (first < 0) return { position: undefined, isLasting: true }
  const isLasting = positions.slice(first).every((position) => holds(position))
  return { position: positions[first], isLasting }
}

const expected = "same A B, property A KEY = JSON, ids A > N, persons > N or warnings TYPE > N"

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

const json = (text: string): Json.Json => {
  try {
    return ExactJson.parse(text)
  } catch {
    return text
  }
}

/** Splits a condition into words; a word with spaces stands in double quotes, as a JSON string. */
export const wordsOf = (text: string): ReadonlyArray<string> =>
  (text.match(/"(?:[^"\\]|\\.)*"(?=\s|$)|\S+/g) ?? []).map((word, index, all) => {
    // A property's value is JSON, so its quotes stay: they mark it as a string.
    const isValue = all[0] === "property" && index > 3
    const unquoted = word.startsWith('"') && !isValue ? json(word) : word
    return typeof unquoted === "string" ? unquoted : word
  })

/** The distinct ids that a condition names; none for a condition on the whole project. */
export const idsOf = ([kind, a = "", b = ""]: ReadonlyArray<string>):
  | ReadonlySet<DistinctId>
  | undefined => {
  if (kind === "same") return new Set([DistinctId(a), DistinctId(b)])
  return kind === "property" || kind === "ids" ? new Set([DistinctId(a)]) : undefined
}

/** Reads a condition from its words. */
export const parse = (
  history: History,
  words: ReadonlyArray<string>,
): Result.Result<Condition, Invalid> => {
  const [kind, a = "", b = "", c = "", ...rest] = words
  const { length } = words
  const count = number(words.at(-1))
  if (kind === "same" && length === 3) {
    return Result.succeed(same(history, DistinctId(a), DistinctId(b)))
  }
  if (kind === "property" && c === "=" && rest.length > 0) {
    return Result.succeed(property(history, DistinctId(a), b, json(rest.join(" "))))
  }
  if (kind === "ids" && length === 4 && b === ">" && count !== undefined) {
    return Result.succeed(ids(history, DistinctId(a), count))
  }
  if (kind === "persons" && length === 3 && a === ">" && count !== undefined) {
    return Result.succeed(persons(history, count))
  }
  if (kind === "warnings" && length === 4 && b === ">" && count !== undefined) {
    return Result.succeed(warnings(history, a, count))
  }
  return Result.fail({ field: "condition", expected })
}
