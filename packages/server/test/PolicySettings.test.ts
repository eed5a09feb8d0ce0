import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Presets from "@onymous/identity/policy/Presets"
import { EventLog } from "@onymous/log/EventLog"
import {
  answers,
  ask,
  key,
  memory,
  operate,
  order,
  other,
  project,
  question,
  send,
  token,
  until,
} from "./serverSupport.ts"

const head = Effect.gen(function* () {
  return (yield* (yield* EventLog).head(project)).position
})

const policyAt = (position: number) =>
  Effect.map(question(`policy?min_position=${position}`), ({ text }) => JSON.parse(text))

const filter = (more: object) => ({
  internal_users: [{ type: "person", key: "email", operator: "exact", value: "a", ...more }],
})

const bad: ReadonlyArray<readonly [string, unknown, string, string]> = [
  ["an unknown field", { bufer_enabled: false }, "bufer_enabled", "no such field"],
  ["__proto__", '{"__proto__":{"preset":"posthog"}}', "__proto__", "no such field"],
  ["nothing", {}, "body", "at least one setting"],
  [
    "what has no effect",
    { preset: "page", person_processing_opt_out: true },
    "person_processing_opt_out",
    "false where personless_events is",
  ],
  ["a wrong type", { buffer_enabled: "no" }, "buffer_enabled", "boolean"],
  ["null", { buffer_enabled: null }, "buffer_enabled", "boolean"],
  ["an unknown preset", { preset: "today" }, "preset", '"page" | "posthog"'],
  ["no window", { buffer_window_seconds: 0 }, "buffer_window_seconds", "between 1 and"],
  ["half a second", { buffer_window_seconds: 0.5 }, "buffer_window_seconds", "integer"],
  ["a bad pattern", { own_illegal_patterns: ["a", "("] }, "own_illegal_patterns[1]", "RE2"],
  ["a look-ahead", { own_illegal_patterns: ["(?=a)"] }, "own_illegal_patterns[0]", "RE2"],
  ["a long one", { own_illegal_patterns: ["a".repeat(501)] }, "own_illegal_patterns[0]", "long"],
  ["too many", { own_illegal_patterns: Array(101).fill("a") }, "own_illegal_patterns", "100"],
  ["no filters", { internal_users: {} }, "internal_users", "list of property filters"],
  ["a cohort", filter({ type: "cohort" }), "internal_users[0].type", "person or event"],
  ["no operator", filter({ operator: "like" }), "internal_users[0].operator", "icontains"],
  ["no key", filter({ key: "" }), "internal_users[0].key", "name of a property"],
  [
    "a filter's pattern",
    filter({ operator: "regex", value: "(" }),
    "internal_users[0].value",
    "RE2",
  ],
  ["a filter's number", filter({ operator: "gt" }), "internal_users[0].value", "a number"],
]

/** Bodies that are no object of fields. */
const shapeless = ["[]", '"x"', "null", "3", "{broken", ""]

layer(memory, { excludeTestServices: true })("the policy", (it) => {
  it.effect.each(bad)(
    "%s is refused by its field, and nothing changes",
    ([label, body, field, expected]) =>
      Effect.gen(function* () {
        const code = label === "what has no effect" ? "refused" : "invalid_input"
        const before = yield* head
        const { status, text } = yield* order("PATCH policy", body, key)
        expect({ status, ...JSON.parse(text) }).toMatchObject({
          status: 400,
          code,
          message: expect.any(String),
          field,
          expected: expect.stringContaining(expected),
        })
        expect(yield* head).toBe(before)
      }),
  )

  it.effect.each(shapeless)("a body of %s is no change", (body) =>
    Effect.gen(function* () {
      const before = yield* head
      const { status, text } = yield* order("PATCH policy", body, key)
      expect(status).toBe(400)
      expect(JSON.parse(text)).toMatchObject({ code: "invalid_input", field: "body" })
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("only the project's own key changes it", () =>
    Effect.gen(function* () {
      const before = yield* head
      for (const secret of [undefined, "", "onk_wrong", token, other.key]) {
        const { status } = yield* order("PATCH policy", { buffer_enabled: false }, secret)
        expect(status).toBe(401)
      }
      expect((yield* question("policy", token)).status).toBe(401)
      expect(yield* head).toBe(before)
    }),
  )

  it.effect("it is the page's at first, and a change of one field leaves the others", () =>
    Effect.gen(function* () {
      expect(yield* policyAt(0)).toEqual({ policy: Presets.page, position: 0 })
      const change = { own_illegal_ids: ["test"], own_illegal_patterns: ["^bot-\\d+$"] }
      const position = yield* operate("PATCH policy", change)
      expect(position).toBe(yield* head)
      expect(yield* policyAt(position)).toEqual({
        policy: { ...Presets.page, ...change },
        position,
      })
      const { headers } = yield* ask(`/api/projects/2/policy`, {
        headers: { authorization: `Bearer ${other.key}` },
      })
      expect(headers.get("x-onymous-position")).toBe("0")
    }),
  )

  it.effect("a number in it keeps its digits", () =>
    Effect.gen(function* () {
      const filters = `[{"type":"person","key":"n","operator":"exact","value":9007199254740993}]`
      const { status, text } = yield* order("PATCH policy", `{"internal_users":${filters}}`, key)
      expect({ status, text }).toMatchObject({ status: 200 })
      const held = yield* question(`policy?min_position=${JSON.parse(text).position}`)
      expect(held.text).toContain('"value":9007199254740993')
      yield* operate("PATCH policy", { internal_users: [] })
    }),
  )

  it.effect("a preset sets all fields but those that come with it", () =>
    Effect.gen(function* () {
      const position = yield* operate("PATCH policy", { preset: "posthog", buffer_enabled: true })
      const policy = { ...Presets.posthog, buffer_enabled: true }
      expect(yield* policyAt(position)).toEqual({ policy, position })
      const back = yield* operate("PATCH policy", { preset: "page" })
      expect((yield* policyAt(back)).policy).toEqual(Presets.page)
    }),
  )

  it.effect("its texts are mended as those of events are, so that they still match", () =>
    Effect.gen(function* () {
      const position = yield* operate("PATCH policy", { own_illegal_ids: ["a\0", "b\ud800"] })
      expect((yield* policyAt(position)).policy.own_illegal_ids).toEqual(["a\uFFFD", "b\uFFFD"])
    }),
  )

  it.effect("what the project adds to the illegal ids is refused from here on", () =>
    Effect.gen(function* () {
      yield* operate("PATCH policy", { own_illegal_patterns: ["^bot-\\d+$"] })
      const position = yield* send({
        event: "$identify",
        distinct_id: "human",
        properties: { $anon_distinct_id: "bot-7" },
      })
      const { results } = yield* answers(`warnings?distinct_id=bot-7&min_position=${position}`)
      expect(results).toMatchObject([{ type: "cannot_merge_with_illegal_distinct_id", count: 1 }])
    }),
  )

  it.effect("capture follows a change of precedence within a few seconds", () =>
    Effect.gen(function* () {
      const two = { event: "$identify", distinct_id: "top", properties: { distinct_id: "in" } }
      const captured = Effect.gen(function* () {
        const position = yield* send(two)
        const { results } = yield* answers(`events?limit=1&min_position=${position}`)
        return results[0]?.["distinct_id"]
      })
      expect(yield* captured).toBe("in")
      const change = { distinct_id_precedence: "today" }
      const position = yield* operate("PATCH policy", change)
      expect((yield* policyAt(position)).policy).toMatchObject(change)
      yield* until(captured, (id) => id === "top")
      const nameless = { api_key: token, event: "", distinct_id: "u" }
      const sent = yield* ask("/e/", { method: "POST", body: JSON.stringify(nameless) })
      expect(sent.status).toBe(400)
    }),
  )
})
