import { afterAll, beforeAll, expect, it } from "vitest"
import { InvalidInput, Onymous } from "onymous"

let onymous: Onymous
beforeAll(async () => {
  onymous = await Onymous.open({ database: "memory", policy: { buffer_enabled: false } })
})
afterAll(() => onymous.close())

/** A list of events that lacks its first one. */
const withHole: Array<unknown> = []
withHole[1] = { distinctId: "u", event: "e" }

/** Inputs that a caller without types may give, and the field that the error names. */
const refused: ReadonlyArray<readonly [string, unknown, string]> = [
  ["capture", undefined, "input"],
  ["capture", { distinctId: 42, event: "e" }, "distinctId"],
  ["capture", { distinctId: " \t", event: "e" }, "distinctId"],
  ["capture", { distinctId: "u" }, "event"],
  ["capture", { distinctId: "u", event: "e", propertys: {} }, "propertys"],
  ["capture", { distinctId: "u", event: "e", groups: {} }, "groups"],
  ["capture", { distinctId: "u", event: "e", timestamp: "today" }, "timestamp"],
  ["capture", { distinctId: "u", event: "e", properties: [] }, "properties"],
  ["capture", { distinctId: "u", event: "e", uuid: "x" }, "uuid"],
  ["identify", { distinctId: "u", anonymous_id: "a" }, "anonymous_id"],
  ["identify", { distinctId: "u", anonymousId: "" }, "anonymousId"],
  ["identify", { distinctId: "  ", anonymousId: "a" }, "distinctId"],
  ["alias", { distinctId: "  ", alias: "a" }, "distinctId"],
  ["identify", { distinctId: "u", set: {}, properties: {} }, "properties"],
  ["identify", { distinctId: "u", properties: { $set: {}, plan: "pro" } }, "properties.plan"],
  ["alias", { distinctId: "u", alias: "" }, "alias"],
  ["alias", { distinctId: "u", alias: "a", to: "b" }, "to"],
  ["split", { distinctId: "u", only: "a" }, "only"],
  ["split", { distinctId: "u", main: "a" }, "main"],
  ["deletePerson", { distinctId: "u", because: "a" }, "because"],
  ["merge", { distinctId: "u", source: "u", by: "ann", reason: "one" }, "source"],
  ["merge", { distinctId: "u", alias: "v", by: "ann", reason: "one" }, "alias"],
  ["merge", { distinctId: "u", by: "ann", reason: "one" }, "source"],
  ["edit", { distinctId: "u" }, "unset"],
  ["edit", { distinctId: "u", properties: {} }, "properties"],
  ["retract", { uuid: "x", by: "ann", reason: "a slip" }, "uuid"],
  ["retract", { eventUuid: "x", by: "ann", reason: "a slip" }, "eventUuid"],
  ["changePolicy", { bufer_enabled: true }, "bufer_enabled"],
  ["persons", { limit: "a" }, "limit"],
  ["persons", { limit: -1 }, "limit"],
  ["persons", { limit: 1e9 }, "limit"],
  ["persons", { filter_internal: true }, "filter_internal"],
  ["waiting", -1, "limit"],
  ["person", 42, "distinctId"],
  ["person", undefined, "distinctId"],
  ["diff", {}, "from"],
  ["diff", { from: 1, until: 2 }, "until"],
  ["whatIf", { with: [] }, "with"],
  ["verify", { depth: true }, "depth"],
  ["verify", { deep: true, from: 1 }, "from"],
  ["persons", { as_of: 1 }, "as_of"],
  ["events", { distinct_id: "u" }, "distinct_id"],
  ["events", { limit: 0 }, "limit"],
  ["events", { before: -1 }, "before"],
  ["events", { filterInternal: "yes" }, "filterInternal"],
  ["waiting", { release: true }, "release"],
  ["waiting", { limit: 1001 }, "limit"],
  ["operations", { since: 1 }, "since"],
  ["warnings", { kind: "x" }, "kind"],
  ["warnings", { distinctId: "" }, "distinctId"],
  ["policy", { as_of: 1 }, "as_of"],
  ["whatIf", { policy: { bufer_enabled: true } }, "bufer_enabled"],
  ["whatIf", { rules: {} }, "rules"],
  ["whatIf", { insert: withHole }, "input"],
  ["captureAll", withHole, "events[0]"],
  ["captureAll", [{ distinctId: "u", event: "e" }, null], "events[1]"],
  ["whatIf", { onProgress: "log" }, "onProgress"],
  ["culprits", undefined, "distinctId"],
  ["story", 42, "distinctId"],
  ["firstNamed", "", "distinctId"],
  ["trace", {}, "event"],
  ["previewRetraction", undefined, "eventUuid"],
  ["bisect", 42, "condition"],
  ["bisect", "same a", "condition"],
]

/** The error with which a call rejects. */
const errorOf = async (method: string, args: ReadonlyArray<unknown>): Promise<unknown> => {
  const call: unknown = Reflect.get(onymous, method)
  if (typeof call !== "function") throw new Error(`There is no method ${method}.`)
  try {
    await Reflect.apply(call, onymous, args)
    return "nothing was refused"
  } catch (error) {
    return error
  }
}

it.each(refused)("%s of %j is refused at %s", async (method, input, field) => {
  const error = await errorOf(method, [input])
  expect(error).toBeInstanceOf(InvalidInput)
  expect(error).toMatchObject({ code: "invalid_input", field, expected: expect.any(String) })
})

it.each([
  ["person", ["u", { at: new Date(Number.NaN) }], "at"],
  ["person", ["u", { as_of: 1 }], "as_of"],
  ["person", ["u", { filter_internal: true }], "filter_internal"],
  ["why", ["u", undefined], "b"],
  ["undo", [undefined, "v"], "a"],
  ["undo", ["u", "v", { to: 1 }], "to"],
  ["culprits", ["u", { to: 1 }], "to"],
  ["property", ["u", 42], "key"],
  ["property", ["u", "plan", { to: 1 }], "to"],
  ["story", ["u", { from: 1 }], "from"],
  ["bisect", ["same a b", { onProgres: 1 }], "onProgres"],
  ["bisect", ["same a b", { signal: "now" }], "signal"],
  ["why", ["u", "v", { to: 1 }], "to"],
])("%s%j is refused at %s", async (method, args, field) => {
  expect(await errorOf(method, args)).toMatchObject({ code: "invalid_input", field })
})

it("a change of no rule is refused, and recorded nowhere", async () => {
  const { position } = await onymous.capture({ distinctId: "u", event: "e" })
  await expect(onymous.changePolicy({})).rejects.toMatchObject({ field: "policy" })
  expect((await onymous.capture({ distinctId: "u", event: "e" })).position).toBe(position + 1)
})

it("identify takes what posthog-node's identify takes", async () => {
  await onymous.identify({
    distinctId: "ann",
    properties: { $anon_distinct_id: "phone", $set: { plan: "pro" }, $set_once: { first: 1 } },
  })
  expect(await onymous.person("phone")).toMatchObject({
    distinctIds: ["ann", "phone"],
    properties: { plan: "pro", first: 1 },
  })
  await onymous.identify({ distinctId: "ann", properties: { plan: "free", seats: 2 } })
  expect((await onymous.person("ann"))?.properties).toEqual({ plan: "free", first: 1, seats: 2 })
  await onymous.identify({ distinctId: "ann", properties: { $unset: ["seats"] } })
  expect((await onymous.person("ann"))?.properties).toEqual({ plan: "free", first: 1 })
})
