import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ask, key, memory } from "./serverSupport.ts"

it.live("after ten seconds the answer is where the persons are instead", () =>
  Effect.gen(function* () {
    const began = Date.now()
    const { status, text } = yield* ask("/api/projects/1/status?min_position=7", {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(status).toBe(504)
    expect(JSON.parse(text)).toMatchObject({ code: "not_reached", position: 7, checkpoint: 0 })
    expect(Date.now() - began).toBeGreaterThan(9_000)
  }).pipe(Effect.provide(memory)),
)
