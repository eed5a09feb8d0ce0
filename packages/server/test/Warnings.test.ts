import { expect, layer } from "@effect/vitest"
import { Clock, Effect, Result } from "effect"
import { randomUUID } from "node:crypto"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { EventLog } from "@onymous/log/EventLog"
import { answers, memory, project, send } from "./serverSupport.ts"

const minute = 60_000
const day = 24 * 60 * minute

/** An identification that is refused, recorded at a time. */
const refused = (recordedAt: number, source = "guest") => {
  const properties = { $anon_distinct_id: source }
  const event = { event: "$identify", distinct_id: "target", properties }
  return { ...Result.getOrThrow(EventDecoder.decode(event, randomUUID)), recordedAt }
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

const illegal = "cannot_merge_with_illegal_distinct_id"

layer(memory, { excludeTestServices: true })("warnings", (it) => {
  it.effect("are counted by day, those of the last 30 days alone", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const [edge, middle] = [now - 30 * day + minute, now - 20 * day]
      const identified = {
        ...refused(now - 40 * day),
        ...Result.getOrThrow(
          EventDecoder.decode(
            { event: "$identify", distinct_id: "old", properties: { $anon_distinct_id: "older" } },
            randomUUID,
          ),
        ),
      }
      const { position } = yield* (yield* EventLog).append(project, [
        refused(now - 41 * day),
        identified,
        // Of the old events, the rules refuse only this one because its source is identified.
        refused(now - 40 * day, "old"),
        refused(now - 30 * day - minute),
        refused(edge),
        refused(middle),
        refused(middle),
        refused(now),
      ])
      const { results } = yield* answers(`warnings?min_position=${position}`)
      expect(results).toEqual([
        {
          type: illegal,
          count: 4,
          last_seen: new Date(now).toISOString(),
          remedy: expect.stringMatching(/\w/),
          sparkline: [
            { day: dayOf(edge), count: 1 },
            { day: dayOf(middle), count: 2 },
            { day: dayOf(now), count: 1 },
          ],
          warnings: expect.any(Array),
        },
      ])
      expect(results[0]?.["warnings"]).toMatchObject(
        [position, position - 1, position - 2, position - 3].map((each) => ({
          type: illegal,
          position: each,
        })),
      )
      const old = yield* answers("warnings?type=cannot_merge_already_identified")
      expect(old.results).toEqual([])
      const all = yield* answers("warnings?all&type=cannot_merge_already_identified")
      expect(all.results).toMatchObject([{ count: 1 }])
    }),
  )

  it.effect("of a type are counted all, and the newest 50 are shown", () =>
    Effect.gen(function* () {
      const events = Array.from({ length: 60 }, (_, index) => ({
        event: "$identify",
        distinct_id: `many-${index}`,
        properties: { $anon_distinct_id: "GUEST" },
      }))
      const position = yield* send(...events)
      const { results } = yield* answers(`warnings?distinct_id=GUEST&min_position=${position}`)
      expect(results).toMatchObject([{ type: illegal, count: 60, sparkline: [{ count: 60 }] }])
      expect(results[0]?.["warnings"]).toHaveLength(50)
      expect(results[0]?.["warnings"]).toMatchObject([{ position }, ...Array(49).fill({})])
      const one = yield* answers("warnings?search=MANY-7")
      expect(one.results).toMatchObject([{ count: 1, sparkline: [{ count: 1 }] }])
    }),
  )
})
