import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as PersonId from "@onymous/identity/state/PersonId"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { answers, operate, project, send, unbuffered } from "./serverSupport.ts"

const eventsOf = (id: string, position: number) =>
  Effect.map(answers(`events?distinct_id=${id}&min_position=${position}`), ({ results }) => results)

const idOf = (id: string) => PersonId.of(project, DistinctId(id))

const personless = { $process_person_profile: false }

layer(unbuffered, { excludeTestServices: true })("whose an event is", (it) => {
  it.effect("a merge moves what is true now, and leaves what was true then", () =>
    Effect.gen(function* () {
      const position = yield* send(
        { event: "first", distinct_id: "anon" },
        { event: "login", distinct_id: "user" },
        { event: "$identify", distinct_id: "user", properties: { $anon_distinct_id: "anon" } },
        { event: "last", distinct_id: "anon" },
      )
      const [anon, user] = [idOf("anon"), idOf("user")]
      expect(yield* eventsOf("anon", position)).toMatchObject([
        { event: "last", status: "attributed", person_id: user, stamped_person_id: user },
        { event: "$identify", status: "attributed", person_id: user, stamped_person_id: user },
        { event: "login", status: "attributed", person_id: user, stamped_person_id: user },
        { event: "first", status: "attributed", person_id: user, stamped_person_id: anon },
      ])
    }),
  )

  it.effect("under the page's rules nobody is personless, whatever the event says", () =>
    Effect.gen(function* () {
      const position = yield* send({ event: "e", distinct_id: "flagged", properties: personless })
      expect(yield* eventsOf("flagged", position)).toMatchObject([
        { status: "attributed", person_id: idOf("flagged") },
      ])
    }),
  )

  it.effect("a personless event is nobody's, and has the stamp that its id would have", () =>
    Effect.gen(function* () {
      yield* operate("PATCH policy", { personless_events: true })
      const position = yield* send({ event: "e", distinct_id: "guest-7", properties: personless })
      const [event] = yield* eventsOf("guest-7", position)
      expect(event).toMatchObject({
        status: "personless",
        person_id: null,
        stamped_person_id: idOf("guest-7"),
        waiting: null,
      })
      expect((yield* answers("persons?distinct_id=guest-7")).results).toEqual([])
    }),
  )

  it.effect(
    "an identification that asks for no person is dropped, with a warning, and kept to see",
    () =>
      Effect.gen(function* () {
        yield* operate("PATCH policy", { personless_events: true })
        const position = yield* send({
          event: "$identify",
          distinct_id: "shy",
          properties: { ...personless, $anon_distinct_id: "shy-anon" },
        })
        expect(yield* eventsOf("shy", position)).toMatchObject([
          { event: "$identify", status: "dropped", person_id: null, stamped_person_id: null },
        ])
        const type = "invalid_event_when_process_person_profile_is_false"
        expect((yield* answers(`warnings?distinct_id=shy`)).results).toMatchObject([
          { type, count: 1, warnings: [{ position }] },
        ])
        expect((yield* answers("persons?distinct_id=shy")).results).toEqual([])
      }),
  )

  it.effect("operations and changes of the policy are nobody's events, and are not listed", () =>
    Effect.gen(function* () {
      yield* operate("PATCH policy", { personless_events: false })
      const at = yield* send({ event: "e", distinct_id: "edited" })
      yield* answers(`persons?min_position=${at}`)
      const body = { distinct_id: "edited", properties: { a: 1 } }
      const position = yield* operate("POST persons/patch", body)
      expect(yield* eventsOf("edited", position)).toMatchObject([{ event: "e" }])
      const page = yield* answers("events?limit=1")
      expect(page).toMatchObject({ results: [], next: position })
      const next = yield* answers(`events?limit=1&before=${page.next}`)
      expect(next.results).toMatchObject([{ event: "e", distinct_id: "edited" }])
    }),
  )
})
