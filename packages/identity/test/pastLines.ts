import { Result } from "effect"
import type { Change } from "../src/state/Change.ts"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as Event from "../src/event/Event.ts"
import * as EventDecoder from "../src/event/EventDecoder.ts"
import * as Identity from "../src/Identity.ts"
import type { Person } from "../src/state/Person.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"
import { Position } from "../src/event/Position.ts"
import { ProjectId } from "../src/event/ProjectId.ts"
import * as ConePast from "../src/retraction/ConePast.ts"
import { LogById } from "../src/retraction/LogById.ts"
import type { Warning } from "../src/state/Warning.ts"

export const project = ProjectId("A")

/** The page's rules without its buffer, which would hold most of what these tests send. */
export const pageUnbuffered: Policy.Policy = { ...Presets.page, buffer_enabled: false }

/** When the log takes the first event; each further one comes a second later. */
export const start = Date.parse("2022-10-25T12:00:00.000Z")

export const madeUuid = (index: number): string =>
  `01840000-0000-7000-8000-${index.toString(16).padStart(12, "0")}`

export const record = (event: Event.Event, index: number): Event.Recorded => ({
  position: Position(index + 1),
  recordedAt: start + index * 1000,
  event,
})

/** The log of wire events; an event that the door refuses fails the test. */
export const logOf = (events: ReadonlyArray<unknown>): ReadonlyArray<Event.Recorded> =>
  events.map((wire, index) => {
    const incoming = Result.getOrThrow(EventDecoder.decode(wire, () => madeUuid(index)))
    return record(incoming.event, index)
  })

export interface History {
  readonly identity: Identity.Identity
  readonly warnings: ReadonlyArray<Warning>
  /** All that ever changed, in order. */
  readonly all: ReadonlyArray<Change>
  /** What the last event changed. */
  readonly last: ReadonlyArray<Change>
}

/** The history of a log; a log may also hold changes of policy, and what operators do. */
export const historyOf = (
  log: ReadonlyArray<Event.Recorded>,
  policy: Policy.Policy = pageUnbuffered,
): History => {
  const identity = Identity.empty(project, policy)
  const past = new LogById(log)
  const batches = log.map((recorded) =>
    Identity.fold(identity, [recorded], ConePast.pastOf(identity, policy, past, recorded)),
  )
  const all = batches.flat()
  return { identity, warnings: warningsIn(all), all, last: batches.at(-1) ?? [] }
}

export const warningsIn = (changes: ReadonlyArray<Change>): ReadonlyArray<Warning> =>
  changes.flatMap((change) => (change._tag === "Warned" ? [change.warning] : []))

/** The history of wire events under the page's rules. */
export const page = (...events: ReadonlyArray<unknown>): History => historyOf(logOf(events))

/** The history of wire events under PostHog's rules of today. */
export const posthog = (...events: ReadonlyArray<unknown>): History =>
  historyOf(logOf(events), Presets.posthog)

export const personOf = ({ identity }: History, id: string): Person | undefined =>
  Identity.personOf(identity, DistinctId(id))

export const propertiesOf = (history: History, id: string) => personOf(history, id)?.properties

/** All persons by their distinct ids, sorted: `["ann dev", "bob"]`. */
export const groupsOf = ({ identity }: History): ReadonlyArray<string> =>
  [...Identity.components(identity)].map(({ members }) => members.toSorted().join(" ")).toSorted()

export const typesOf = ({ warnings }: History): ReadonlyArray<string> =>
  warnings.map(({ type }) => type)

type Bag = Readonly<Record<string, unknown>>

export const seen = (distinct_id: string, properties: Bag = {}) => ({
  event: "seen",
  distinct_id,
  properties,
})

export const identify = (distinct_id: string, source: unknown, properties: Bag = {}) => ({
  event: "$identify",
  distinct_id,
  properties: { ...properties, $anon_distinct_id: source },
})

export const alias = (distinct_id: string, source: unknown, properties: Bag = {}) => ({
  event: "$create_alias",
  distinct_id,
  properties: { ...properties, alias: source },
})

export const dangerously = (distinct_id: string, source: unknown) => ({
  ...alias(distinct_id, source),
  event: "$merge_dangerously",
})
