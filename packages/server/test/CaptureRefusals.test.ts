import { expect, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as CaptureRefusals from "../src/capture/CaptureRefusals.ts"
import { ask, key, memory, operatorKey, other, question, token } from "./serverSupport.ts"

const bad = { status: 400, code: "invalid_payload", detail: "why" }

/** Runs an effect with the lines that the server logs. */
const hearing = <A, E, R>(test: (lines: ReadonlyArray<string>) => Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  return Effect.provide(test(lines), heard)
}

it.effect(
  "the log tells the first refusal at once, and those of the minute after in one line",
  () =>
    hearing((lines) =>
      Effect.gen(function* () {
        const { note } = yield* CaptureRefusals.CaptureRefusals
        yield* note(bad, { project: "1" })
        expect(lines).toEqual(["Refused 1 request of project 1 (400 invalid_payload: why)."])
        for (let sent = 0; sent < 5; sent++) {
          yield* note(bad, { project: "1" })
          yield* TestClock.adjust("10 seconds")
        }
        expect(lines).toHaveLength(1)
        yield* TestClock.adjust("10 seconds")
        expect(lines.slice(1)).toEqual([
          "Refused 5 requests of project 1 (400 invalid_payload: why).",
        ])
        yield* TestClock.adjust("10 minutes")
        expect(lines).toHaveLength(2)
        yield* note(bad, {})
        expect(lines.slice(2)).toEqual(["Refused 1 request (400 invalid_payload: why)."])
      }).pipe(Effect.provide(CaptureRefusals.layer)),
    ),
)

it.effect("all is counted since the start, whatever was told, of each project by itself", () =>
  hearing(() =>
    Effect.gen(function* () {
      yield* TestClock.setTime(5)
      const { note, of } = yield* CaptureRefusals.CaptureRefusals
      yield* note(bad, { project: "1" })
      yield* TestClock.adjust("1 hour")
      yield* note(bad, { project: "1" })
      yield* note(bad, { project: "2" })
      expect(yield* of(ProjectId("1"))).toMatchObject([{ count: 2, lastAt: 5 + 3_600_000 }])
    }).pipe(Effect.provide(CaptureRefusals.layer)),
  ),
)

const send = (body: string) => ask("/batch/", { method: "POST", body })

const batch = (api_key: string, event: object) => JSON.stringify({ api_key, batch: [event] })

it.live(
  "a project's status tells what was refused of it, and the operator all, with no secret",
  () =>
    Effect.gen(function* () {
      expect(JSON.parse((yield* question("status")).text).refused).toEqual([])
      yield* send(batch(token, { event: "e" }))
      yield* send(batch(token, { event: "e", distinct_id: "u", properties: 3 }))
      yield* send(batch("phc_of_nobody_at_all", { event: "e" }))
      yield* send(batch(key, { event: "e" }))
      yield* send(batch(operatorKey, { event: "e" }))
      yield* send("{broken")
      yield* send(JSON.stringify({ event: "e", distinct_id: "u" }))
      yield* send(JSON.stringify({ api_key: token, batch: ["x".repeat(21 * 1024 * 1024)] }))
      yield* send(batch(token, { event: "e", distinct_id: "u" }))
      const time = expect.stringMatching(/^\d{4}-.*Z$/)
      const { status, text } = yield* question("status")
      expect({ status, refused: JSON.parse(text).refused }).toEqual({
        status: 200,
        refused: [
          {
            status: 400,
            code: "invalid_payload",
            count: 2,
            last_at: time,
            detail: expect.stringContaining("batch[0].properties: expected"),
          },
        ],
      })
      const headers = { authorization: `Bearer ${operatorKey}` }
      const all = yield* ask("/api/refusals", { headers })
      for (const secret of [key, operatorKey]) expect(all.text).not.toContain(secret)
      const { since, results } = JSON.parse(all.text)
      expect(since).toEqual(time)
      expect(
        results
          .map(({ project, token, status, count }: Record<string, unknown>) =>
            [project, token, status, count].join(" "),
          )
          .toSorted(),
      ).toEqual([
        "  400 1",
        "  401 1",
        "  413 1",
        " phc_of_nobod… 401 1",
        " that does not begin with phc_ 401 2",
        "1  400 2",
      ])
      const asOther = { headers: { authorization: `Bearer ${other.key}` } }
      expect((yield* ask("/api/refusals", asOther)).status).toBe(401)
      const ofOther = yield* ask("/api/projects/2/status", asOther)
      expect(JSON.parse(ofOther.text).refused).toEqual([])
    }).pipe(Effect.provide(Layer.fresh(memory))),
)
