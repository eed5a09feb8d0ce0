import { layer as withLayer, expect } from "@effect/vitest"
import { Effect } from "effect"
import { Persons } from "@onymous/projector/Persons"
import { ask, key, project, question, send, unbuffered } from "./support.ts"

const rebuild = (query: string, secret: string) =>
  ask(`/api/projects/1/rebuild${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
  })

withLayer(unbuffered, { timeout: "60 seconds", excludeTestServices: true })(
  "a rebuild over HTTP",
  (it) => {
    it.effect("tells its steps line by line, and what it came to", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const events = Array.from({ length: 50 }, (_, index) => ({
          event: "$identify",
          distinct_id: `user-${index % 7}`,
          properties: { $anon_distinct_id: `anonymous-${index}` },
        }))
        const position = yield* send(...events)
        expect((yield* question(`status?min_position=${position}`)).status).toBe(200)
        const before = yield* persons.dump(project)
        for (const [query, published] of [
          ["?verify_only", false],
          ["?verify_only=true", false],
          ["?verify_only=false", true],
          ["", true],
        ] as const) {
          const { status, text, headers } = yield* rebuild(query, key)
          expect(status, text).toBe(200)
          expect(headers.get("content-type")).toBe("application/x-ndjson")
          const last = text.trim().split("\n").at(-1) ?? ""
          expect(JSON.parse(last)).toMatchObject({
            position,
            head: position,
            published,
            same: true,
          })
          expect(yield* persons.dump(project)).toBe(before)
        }
      }),
    )

    it.effect("is not begun by a word that is not understood, which is named", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const edition = Effect.map(persons.checkpoint(project), (checkpoint) => checkpoint?.edition)
        const before = yield* edition
        for (const [query, field, expected] of [
          ["?verify_onyl=true", "verify_onyl", "no such parameter"],
          ["?verify_onyl", "verify_onyl", "no such parameter"],
          ["?verify_only&dry_run", "dry_run", "no such parameter"],
          ["?verify_only=yes", "verify_only", expect.stringContaining('"true" | "false"')],
          ["?verify_only&verify_only=true", "verify_only", expect.any(String)],
        ] as const) {
          const { status, text } = yield* rebuild(query, key)
          expect({ query, status, ...JSON.parse(text) }).toEqual({
            query,
            status: 400,
            _tag: "InvalidQuestion",
            field,
            expected,
          })
        }
        expect(yield* edition).toBe(before)
      }),
    )

    it.effect("is nobody's without the key", () =>
      Effect.gen(function* () {
        expect((yield* rebuild("", "onk_wrong")).status).toBe(401)
      }),
    )
  },
)
