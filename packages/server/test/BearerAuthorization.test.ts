import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { ask, key, memory } from "./serverSupport.ts"

const body = JSON.stringify({ event_uuid: "00000000-0000-4000-8000-000000000001" })
const authorization = `Bearer ${key}`

layer(memory, { excludeTestServices: true })("the API", (it) => {
  it.effect("refuses a body that does not say it is JSON by that header, in JSON", () =>
    Effect.gen(function* () {
      for (const type of [undefined, "text/plain", "application/x-www-form-urlencoded"]) {
        const { status, headers, text } = yield* ask("/api/projects/1/retractions/preview", {
          method: "POST",
          headers: { authorization, ...(type !== undefined && { "content-type": type }) },
          body,
        })
        expect({ type, status }).toEqual({ type, status: 400 })
        expect(headers.get("content-type")).toContain("application/json")
        expect(JSON.parse(text)).toMatchObject({
          field: "content-type",
          expected: "application/json",
        })
      }
    }),
  )

  it.effect("tells nobody without a key what is wrong with a body", () =>
    Effect.gen(function* () {
      const { status } = yield* ask("/api/projects/1/retractions/preview", { method: "POST", body })
      expect(status).toBe(401)
    }),
  )
})
