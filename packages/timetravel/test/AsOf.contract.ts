import { expect, it } from "@effect/vitest"
import { type Context, Effect, type Layer, type Scope } from "effect"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Incoming, Recorded } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import * as FileHistory from "../src/history/FileHistory.ts"
import { HistorySource } from "../src/history/HistorySource.ts"
import { layer as timeTravel, TimeTravel } from "../src/questions/TimeTravel.ts"
import type { inMemory } from "./asOfLayers.ts"
import { randomHistory } from "./historySupport.ts"

type Services = Layer.Success<typeof inMemory>

/** Two processes on one database, or the same process twice where a layer has only one. */
export interface Processes {
  readonly writer: Context.Context<Services>
  readonly reader: Context.Context<Services>
}

/** The answers to every question that names a point, as of a position, as JSON. */
const answers = Effect.fnUntraced(function* (project: ProjectId, { position, event }: Recorded) {
  const past = yield* TimeTravel
  const source = yield* HistorySource
  const at = `${position}`
  const id = "distinctId" in event ? event.distinctId : DistinctId("ann")
  const other = "source" in event && event.source !== undefined ? event.source : DistinctId("bob")
  // First of all the question that reads nothing but rows.
  const point = yield* source.point(project, at, "at")
  const person = yield* (yield* Persons).find(project, id, point)
  const diff = yield* past.diff(project, { from: `${position - 1}`, to: at })
  return JSON.stringify({
    person: person === undefined ? null : { ...person, distinctIds: person.distinctIds.toSorted() },
    why: WhyForms.why(yield* past.why(project, { a: id, b: other, at })),
    culprits: WhyForms.culprits(yield* past.culprits(project, { distinctId: id, at })),
    property: WhyForms.settings(
      yield* past.property(project, { distinctId: id, property: "a", at }),
    ),
    history: ChangeForms.history(yield* past.history(project, { distinctId: id, at })),
    diff: ChangeForms.difference(project, diff),
  })
})

/** What a fold of the log, up to a position and no further, answers. */
const folded = Effect.fnUntraced(function* (
  project: ProjectId,
  log: ReadonlyArray<Recorded>,
  position: Position,
) {
  const file = yield* FileHistory.make(project, log.slice(0, position), Presets.page)
  const [last] = log.slice(position - 1, position)
  if (last === undefined) throw new Error("There is no such event.")
  return yield* answers(project, last).pipe(
    Effect.provide(timeTravel),
    Effect.provide(FileHistory.layer(file)),
    Effect.provide(FileHistory.persons(file)),
  )
})

/** Events for a test that appends an event and asks about it, in turns. */
const eventsOf = (seed: number): ReadonlyArray<Incoming> =>
  randomHistory(seed % 2 === 0 ? "page" : "posthog", seed, 25).log.map(({ event }) => ({
    event,
    payload: "{}",
  }))

/** Questions as of an event, right after its append, from another process where there is one. */
export const suite = <E>(
  name: string,
  processes: Effect.Effect<Processes, E, Scope.Scope>,
  seeds: ReadonlyArray<number>,
): void => {
  it.live(
    `${name}: right after an append, a question as of it tells what a fold up to it tells`,
    () =>
      Effect.gen(function* () {
        const { writer, reader } = yield* processes
        for (const seed of seeds) {
          const project = ProjectId(`as-of-${seed}`)
          const { createProject } = yield* Effect.provide(EventLog, writer)
          yield* createProject({ id: project, token: project, keyHash: "" })
          const told: Array<{ readonly position: Position; readonly answer: string }> = []
          for (const incoming of eventsOf(seed)) {
            const append = Effect.flatMap(EventLog, (log) => log.append(project, [incoming]))
            const { position } = yield* Effect.provide(append, writer)
            const recorded = { position, recordedAt: 0, event: incoming.event }
            const answer = yield* Effect.provide(answers(project, recorded), reader)
            told.push({ position, answer })
          }
          const { log } = yield* Effect.provide(
            Effect.flatMap(HistorySource, (source) => source.whole(project)),
            reader,
          )
          for (const { position, answer } of told) {
            const right = yield* folded(project, log, position)
            expect(JSON.parse(answer), `seed ${seed} at ${position}`).toEqual(JSON.parse(right))
          }
        }
      }).pipe(Effect.scoped),
  )
}
