import { afterAll, beforeAll, expect, it } from "vitest"
import { Onymous, type QuestionProgress } from "onymous"

let onymous: Onymous
beforeAll(async () => {
  onymous = await Onymous.open({ database: "memory" })
})
afterAll(() => onymous.close())

const uuidOf = (last: number) => `00000000-0000-4000-8000-00000000000${last}`

const because = { by: "ann", reason: "a shared tablet" }

/** A project of its own: alice identifies a shared tablet, then bob's event names alice as his anonymous id. */
const shared = async () => {
  const home = await Onymous.open({ database: "memory", policy: { buffer_enabled: false } })
  const properties = (anonymousId: string, plan: string) => ({
    $anon_distinct_id: anonymousId,
    $set: { plan },
  })
  await home.capture({ distinctId: "tablet", event: "visited", uuid: uuidOf(1) })
  await home.capture({
    distinctId: "alice",
    event: "$identify",
    properties: properties("tablet", "free"),
    uuid: uuidOf(2),
  })
  await home.capture({
    distinctId: "alice",
    event: "$identify",
    properties: properties("phone", "pro"),
    uuid: uuidOf(3),
  })
  await home.capture({
    distinctId: "bob",
    event: "$identify",
    properties: properties("alice", "team"),
    uuid: uuidOf(4),
  })
  return home
}

let home: Onymous
beforeAll(async () => {
  home = await shared()
})
afterAll(() => home.close())

it("why names each event of a chain, with its time as a date, and who was never seen", async () => {
  const { isSame, chain, unseen } = await home.why("tablet", "phone")
  expect(isSame).toBe(true)
  expect(chain).toEqual([
    expect.objectContaining({ eventUuid: uuidOf(2), from: "tablet", to: "alice" }),
    expect.objectContaining({
      eventUuid: uuidOf(3),
      event: "$identify",
      outcome: expect.any(String),
    }),
  ])
  expect(chain[0]?.receivedAt).toBeInstanceOf(Date)
  expect(unseen).toEqual([])
  const apart = await home.why("alice", "bob")
  expect(apart.refusals.map(({ type }) => type)).toEqual(["cannot_merge_already_identified"])
  expect(apart.refusals[0]?.timestamp).toBeInstanceOf(Date)
  expect((await home.why("alice", "nobody")).unseen).toEqual(["nobody"])
})

it("undo names the events each of which separates two ids, now and at a point", async () => {
  const { isSame, events } = await home.undo("tablet", "alice")
  expect(isSame).toBe(true)
  expect(events.map(({ eventUuid }) => eventUuid)).toEqual([uuidOf(2)])
  expect(await home.undo("tablet", "alice", { at: 2 })).toEqual({ isSame: false, events: [] })
})

it("culprits names the links that hold a person together, and the parts that would be left", async () => {
  const found = await home.culprits("alice")
  expect(found.map(({ eventUuid, parts }) => [eventUuid, parts])).toEqual([
    [uuidOf(2), [["alice", "phone"], ["tablet"]]],
    [uuidOf(3), [["alice", "tablet"], ["phone"]]],
  ])
  expect(await home.culprits("alice", { at: 2 })).toEqual([])
})

it("property names the events that set a value, the last one first", async () => {
  const settings = await home.property("phone", "plan")
  expect(settings.map(({ value, isSet, eventUuid }) => [value, isSet, eventUuid])).toEqual([
    ["pro", true, uuidOf(3)],
    ["free", true, uuidOf(2)],
  ])
  expect(await home.property("alice", "plan", { at: 3 })).toHaveLength(1)
})

it("story tells every change of an id's person, with who joined and what differs", async () => {
  const story = await home.story("alice")
  const last = story.at(-1)
  expect(last).toMatchObject({ eventUuid: uuidOf(3), after: { distinctIdCount: 3 } })
  expect(story.flatMap(({ joined }) => joined)).toContain("tablet")
  expect(last?.after?.createdAt).toBeInstanceOf(Date)
  expect(last?.receivedAt).toBeInstanceOf(Date)
  expect((await home.story("alice", { at: 3 })).every(({ position }) => position <= 3)).toBe(true)
})

it("trace tells the checks of an event, by its uuid or its position, and the remedy", async () => {
  const traced = await home.trace(uuidOf(4))
  expect(traced).toMatchObject({ eventUuid: uuidOf(4), event: "$identify" })
  expect(traced.checks.length).toBeGreaterThan(3)
  expect(traced.warnings.map(({ type }) => type)).toEqual(["cannot_merge_already_identified"])
  expect(traced.remedies).toHaveLength(1)
  expect(traced.before[0]?.createdAt).toBeInstanceOf(Date)
  expect(await home.trace(traced.position)).toEqual(traced)
})

it("firstNamed tells where an id was named first, and nothing of one that never was", async () => {
  expect(await home.firstNamed("phone")).toBe(4)
  expect(await home.firstNamed("nobody")).toBeUndefined()
})

it("bisect finds where a condition came to hold, tells how far it is, and can be ended", async () => {
  const steps: Array<QuestionProgress> = []
  const onProgress = (step: QuestionProgress) => void steps.push(step)
  const found = await home.bisect("same tablet phone", { onProgress })
  expect(found).toMatchObject({ position: 4, eventUuid: uuidOf(3), isLasting: true })
  expect(steps.map(({ step }) => step)).toContain("folding")
  expect((await home.bisect("same tablet bob")).position).toBeUndefined()
  const reason = new Error("no longer wanted")
  const signal = AbortSignal.abort(reason)
  await expect(home.bisect("same tablet phone", { signal })).rejects.toBe(reason)
  const failing = new Error("the listener failed")
  const fails = () => {
    throw failing
  }
  await expect(home.bisect("persons > 1", { onProgress: fails })).rejects.toBe(failing)
})

it("whatIf tells what other rules would make of the log, and diff gives dates", async () => {
  const { persons, blastRadius } = await home.whatIf({
    policy: { identified_source_new_target: "attach" },
    from: 1,
  })
  expect(blastRadius).toBeGreaterThan(0)
  expect(persons.flatMap(({ after }) => after?.distinctIds ?? [])).toContain("bob")
  const { persons: changed } = await home.diff({ from: 0 })
  expect(changed[0]?.after?.createdAt).toBeInstanceOf(Date)
})

it("previewRetraction tells what a retraction would change, or why it cannot be done", async () => {
  const { persons } = await home.previewRetraction(uuidOf(2).toUpperCase())
  expect(persons.flatMap(({ after }) => (after ? [after.distinctIds] : []))).toContainEqual([
    "tablet",
  ])
  expect((await home.person("tablet"))?.distinctIds).toContain("alice")
  const unknown = "00000000-0000-4000-8000-0000000000ff"
  await expect(home.previewRetraction(unknown)).rejects.toMatchObject({
    code: "refused",
    field: "eventUuid",
  })
})

it("events come page by page, each with its person now and when it was processed", async () => {
  const { results, next } = await home.events({ limit: 2 })
  expect(results.map(({ eventUuid }) => eventUuid)).toEqual([uuidOf(4), uuidOf(3)])
  expect(results[0]).toMatchObject({ status: "attributed", distinctId: "bob" })
  expect(results[0]?.timestamp).toBeInstanceOf(Date)
  const rest = await home.events({ before: next ?? 0 })
  expect(rest.results.map(({ position }) => position)).toEqual([3, 2])
  expect(rest.next).toBeUndefined()
  const alice = await home.person("alice")
  const hers = await home.events({ distinctId: "alice" })
  expect(hers.results.map(({ personId }) => personId)).toEqual([alice?.id, alice?.id, alice?.id])
  expect(hers.results.map(({ distinctId }) => distinctId)).toEqual(["alice", "alice", "tablet"])
  const then = await home.events({ at: 2 })
  expect(then.results).toMatchObject([
    { position: 2, status: "attributed", personId: results[1]?.personId, waiting: undefined },
  ])
})

it("waiting takes a number or a page, and tells with released what ended the wait", async () => {
  const { position } = await onymous.capture({ distinctId: "early", event: "signed up" })
  expect(await onymous.waiting(5)).toMatchObject([
    { position, distinctId: "early", releasedPosition: undefined, personId: undefined },
  ])
  const [held] = (await onymous.events({ limit: 1 })).results
  expect(held).toMatchObject({ status: "pending", personId: undefined, waiting: { position } })
  expect(held?.waiting?.dueAt).toBeInstanceOf(Date)
  await onymous.changePolicy({ buffer_window_seconds: 1 })
  const brief = await onymous.capture({ distinctId: "brief", event: "signed up" })
  await onymous.changePolicy({ buffer_window_seconds: 60 })
  const ids = async (question: { released?: boolean }) =>
    (await onymous.waiting(question)).map(({ distinctId }) => distinctId)
  await expect.poll(() => ids({}), { timeout: 60_000 }).toEqual(["early"])
  expect(await ids({ released: true })).toEqual(["brief", "early"])
  const [released] = await onymous.waiting({ released: true })
  expect(released).toMatchObject({ position: brief.position, releasedBy: "tick" })
  expect(released?.releasedPosition).toBeGreaterThan(brief.position)
  expect(released?.personId).toBe((await onymous.person("brief"))?.id)
  expect(await onymous.waiting({ at: position })).toHaveLength(1)
  expect(await onymous.waiting({ at: position, before: position })).toEqual([])
})

it("warnings are all, or those of a type, an id, a text, or a point", async () => {
  const [warning] = await home.warnings()
  expect(warning).toMatchObject({ position: 5, eventUuid: uuidOf(4) })
  expect(warning?.timestamp).toBeInstanceOf(Date)
  expect(await home.warnings({ type: "cannot_merge_already_identified" })).toHaveLength(1)
  expect(await home.warnings({ type: "cannot_merge_with_illegal_distinct_id" })).toEqual([])
  expect(await home.warnings({ distinctId: "alice" })).toHaveLength(1)
  expect(await home.warnings({ distinctId: "phone" })).toEqual([])
  expect(await home.warnings({ search: "ALI" })).toHaveLength(1)
  expect(await home.warnings({ search: "nobody" })).toEqual([])
  expect(await home.warnings({ at: 4 })).toEqual([])
})

it("persons and the policy are told as of a point", async () => {
  expect((await home.persons({ at: 3 })).results.map(({ distinctIds }) => distinctIds)).toEqual([
    ["alice", "tablet"],
  ])
  expect((await home.persons()).results).toHaveLength(2)
  const { position } = await onymous.changePolicy({ buffer_window_seconds: 5 })
  expect((await onymous.policy()).buffer_window_seconds).toBe(5)
  expect((await onymous.policy({ at: position - 1 })).buffer_window_seconds).toBe(60)
})

it("operations lists what operators did, with the uuid that undoes it", async () => {
  await onymous.identify({ distinctId: "carol", anonymousId: "desk" })
  const { uuid } = await onymous.split({ distinctId: "carol", only: ["desk"], ...because })
  const { results, next } = await onymous.operations({ limit: 1 })
  expect(results).toEqual([
    expect.objectContaining({ api: "persons.split", eventUuid: uuid, distinctId: "carol" }),
  ])
  expect(results[0]).toMatchObject({ ...because, details: { distinct_ids_to_split: ["desk"] } })
  const earlier = await onymous.operations({ before: next ?? 0 })
  expect(new Set(earlier.results.map(({ api }) => api))).toEqual(new Set(["policy"]))
  const { separated } = await onymous.why("carol", "desk")
  expect(separated).toMatchObject([{ eventUuid: uuid, ...because }])
})

it("a person of the project's own people is left out where it is asked so", async () => {
  const internal_users = [
    { type: "person" as const, key: "email", operator: "not_icontains" as const, value: "@us" },
  ]
  await onymous.changePolicy({ internal_users })
  await onymous.identify({ distinctId: "me", anonymousId: "mine", set: { email: "me@us" } })
  expect(await onymous.person("me")).toBeDefined()
  expect(await onymous.person("me", { filterInternal: true })).toBeUndefined()
  const { results } = await onymous.events({ filterInternal: true })
  expect(results.map(({ distinctId }) => distinctId)).not.toContain("me")
})

it("status tells where the log and the persons are", async () => {
  await home.person("alice")
  expect(await home.status()).toEqual({
    project: "1",
    head: 5,
    checkpoint: 5,
    lag: 0,
    lagSeconds: 0,
    stopped: undefined,
    owner: "here",
    stateHash: expect.stringMatching(/^[0-9a-f]{32}$/),
    logId: expect.any(String),
  })
})
