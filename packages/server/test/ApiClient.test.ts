import { expect, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { FetchHttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { Api } from "@onymous/api/Api"
import * as ConeForms from "@onymous/api/page/ConeForms"
import { Authorization, OperatorAuthorization } from "@onymous/api/Authorization"
import * as Presets from "@onymous/identity/policy/Presets"
import { ask, key, operatorKey, send, token, unbuffered, url } from "./serverSupport.ts"

type Client = HttpApiClient.ForApi<typeof Api>

/** Clients bring the key of the project, and the operator's where all projects are meant. */
const withKeys = (secret: string, operatorSecret: string) =>
  Layer.mergeAll(
    FetchHttpClient.layer,
    HttpApiMiddleware.layerClient(Authorization, ({ next, request }) =>
      next(HttpClientRequest.bearerToken(request, secret)),
    ),
    HttpApiMiddleware.layerClient(OperatorAuthorization, ({ next, request }) =>
      next(HttpClientRequest.bearerToken(request, operatorSecret)),
    ),
  )

const clientWith = (secret: string, operatorSecret: string) =>
  Effect.gen(function* () {
    return yield* HttpApiClient.make(Api, { baseUrl: yield* url })
  }).pipe(Effect.provide(withKeys(secret, operatorSecret)))

const client = clientWith(key, operatorKey)

const params = { project: "1" }
const because = { by: "ann", reason: "ticket 7" }
const uuid = (number: number) => `00000000-0000-4000-8000-${`${number}`.padStart(12, "0")}`

/** An identified person of two ids, `<name>` and `<name>-anon`, whose plan is set by the event of that number. */
const identified = (name: string, number: number) =>
  send({
    event: "$identify",
    distinct_id: name,
    uuid: uuid(number),
    properties: { $anon_distinct_id: `${name}-anon`, $set: { plan: "pro" } },
  })

/** The only person that an id leads to, at a position or later. */
const personOf = Effect.fnUntraced(function* (
  { persons }: Client["project"],
  distinct_id: string,
  min_position: number,
) {
  const { results } = yield* persons({ params, query: { distinct_id, min_position } })
  expect(results).toHaveLength(1)
  return results[0]
})

/** Every endpoint, by its name: the compiler refuses an endpoint that no test asks. */
type Asked = {
  readonly [Group in keyof Client]: {
    readonly [Endpoint in keyof Client[Group]]: Effect.Effect<
      void,
      unknown,
      Effect.Services<ReturnType<typeof identified>>
    >
  }
}

const questions: Asked["project"] = {
  persons: Effect.gen(function* () {
    const position = yield* identified("ann", 1)
    const person = yield* personOf((yield* client).project, "ann", position)
    expect(person?.distinct_ids).toEqual(["ann", "ann-anon"])
  }),
  events: Effect.gen(function* () {
    const position = yield* identified("ben", 2)
    const { project } = yield* client
    const query = { distinct_id: "ben", min_position: position }
    const { results } = yield* project.events({ params, query })
    expect(results.map(({ event, status }) => [event, status])).toEqual([
      ["$identify", "attributed"],
    ])
  }),
  waiting: Effect.gen(function* () {
    const { project } = yield* client
    expect((yield* project.waiting({ params, query: {} })).results).toEqual([])
  }),
  policy: Effect.gen(function* () {
    const { project } = yield* client
    const { policy } = yield* project.policy({ params, query: { at: "0" } })
    expect(policy).toEqual(Presets.page)
  }),
  warnings: Effect.gen(function* () {
    const position = yield* send({ event: "$identify", distinct_id: "null", properties: {} })
    const { project } = yield* client
    const query = { distinct_id: "nobody", min_position: position }
    expect((yield* project.warnings({ params, query })).results).toEqual([])
  }),
  status: Effect.gen(function* () {
    const position = yield* identified("cid", 3)
    const { project } = yield* client
    const status = yield* project.status({ params, query: { min_position: position } })
    expect(status).toMatchObject({ project: "1", head: position, checkpoint: position, lag: 0 })
    expect(status).toMatchObject({ token, waiting: 0, oldest_due: null, rebuild: null })
    expect(status.rate).toBeGreaterThan(0)
  }),
}

const timeline: Asked["timeline"] = {
  activity: Effect.gen(function* () {
    const position = yield* identified("zac", 60)
    const { timeline } = yield* client
    const query = { from: `${position}`, min_position: position, buckets: 5 }
    const activity = yield* timeline.activity({ params, query })
    expect(activity).toMatchObject({ position, from: position, to: position, size: 1 })
    expect([activity.born, activity.attached, activity.merged]).toEqual([[1], [1], [0]])
  }),
  changes: Effect.gen(function* () {
    const position = yield* identified("yan", 61)
    const { timeline } = yield* client
    const query = { after: position - 1, min_position: position, kinds: "attached,policy" }
    const { results } = yield* timeline.changes({ params, query })
    expect(results).toMatchObject([
      { position, kind: "attached", ids: ["yan", "yan-anon"], event_uuid: uuid(61), lost: 0 },
    ])
  }),
  merges: Effect.gen(function* () {
    yield* identified("xyl", 62)
    const min_position = yield* identified("wim", 63)
    const { operations, timeline } = yield* client
    const payload = { distinct_id: "xyl", alias: "wim", ...because }
    yield* operations.merge({ params, payload, query: {} })
    const query = { worth: "look" as const, min_position: min_position + 1 }
    const { results } = yield* timeline.merges({ params, query })
    expect(results.find(({ target }) => target === "xyl")).toMatchObject({
      source: "wim",
      lost: 0,
      both_identified: true,
      by_operator: true,
      holds: true,
    })
  }),
  live: Effect.gen(function* () {
    const { timeline } = yield* client
    const updates = yield* timeline.live({ params, query: {}, headers: {} })
    const [first] = yield* Stream.runCollect(Stream.take(updates, 1))
    expect(first).toMatchObject({ event: "update", id: `${first?.data.checkpoint}` })
  }),
  cone: Effect.gen(function* () {
    const min_position = yield* identified("una", 65)
    const { timeline } = yield* client
    const lines = yield* timeline.cone({ params, query: { distinct_id: "una-anon", min_position } })
    const { head, log } = ConeForms.read(yield* Stream.runCollect(lines))
    expect(head).toMatchObject({ ids: ["una", "una-anon"], until: min_position, is_whole: true })
    expect(log.at(-1)?.event).toMatchObject({ uuid: uuid(65), facts: { set: { plan: "pro" } } })
  }),
  formerValues: Effect.gen(function* () {
    const min_position = yield* identified("dora", 67)
    const { timeline } = yield* client
    const { results } = yield* timeline.formerValues({
      params,
      query: { search: "held by nobody ever", min_position },
    })
    expect(results).toEqual([])
  }),
  ids: Effect.gen(function* () {
    const min_position = yield* identified("vera", 64)
    const { timeline } = yield* client
    const query = { prefix: "vera", limit: 1, min_position }
    const { results, more } = yield* timeline.ids({ params, query })
    expect([results.map(({ distinct_id }) => distinct_id), more]).toEqual([["vera"], true])
  }),
}

const page: Asked["page"] = {
  link: Effect.gen(function* () {
    const { page } = yield* client
    const link = yield* page.link({ params, payload: { read_only: true }, query: {} })
    expect(link).toMatchObject({ path: `/#code=${link.code}`, read_only: true })
  }),
  demo: Effect.gen(function* () {
    yield* identified("una", 66)
    const { page } = yield* client
    const refused = yield* Effect.flip(page.demo({ params, payload: {}, query: {} }))
    expect(refused).toMatchObject({ code: "refused", field: "project" })
  }),
}

const session: Asked["session"] = {
  signIn: Effect.gen(function* () {
    const { page, session } = yield* client
    const { code } = yield* page.link({ params, payload: { read_only: false }, query: {} })
    const signed = yield* session.signIn({ payload: { code }, query: {} })
    expect(signed).toMatchObject({ project: "1", read_only: false, idle_seconds: 43_200 })
    const theirs = yield* clientWith(signed.token, signed.token)
    expect(yield* theirs.project.status({ params, query: {} })).toMatchObject({ project: "1" })
  }),
}

const operations: Asked["operations"] = {
  changePolicy: Effect.gen(function* () {
    const { operations, project } = yield* client
    const payload = { own_illegal_ids: ["nobody\0"] }
    const { position } = yield* operations.changePolicy({ params, payload, query: {} })
    const { policy } = yield* project.policy({ params, query: { min_position: position } })
    expect(policy.own_illegal_ids).toEqual(["nobody\uFFFD"])
  }),
  split: Effect.gen(function* () {
    yield* identified("dan", 4)
    const { operations, project } = yield* client
    yield* personOf(project, "dan", yield* identified("dan", 5))
    const payload = { distinct_id: "dan", main_distinct_id: "dan" }
    const { position } = yield* operations.split({ params, payload, query: {} })
    expect((yield* personOf(project, "dan", position))?.distinct_ids).toEqual(["dan"])
  }),
  delete: Effect.gen(function* () {
    const { operations, project } = yield* client
    yield* personOf(project, "eve", yield* identified("eve", 6))
    const payload = { distinct_id: "eve" }
    const { position } = yield* operations.delete({ params, payload, query: {} })
    const query = { distinct_id: "eve", min_position: position }
    expect((yield* project.persons({ params, query })).results).toEqual([])
  }),
  merge: Effect.gen(function* () {
    const { operations, project } = yield* client
    yield* identified("fay", 7)
    yield* personOf(project, "gus", yield* identified("gus", 8))
    const payload = { distinct_id: "fay", alias: "gus", ...because }
    const { position } = yield* operations.merge({ params, payload, query: {} })
    const merged = yield* personOf(project, "gus-anon", position)
    expect(merged?.distinct_ids).toEqual(["fay", "fay-anon", "gus", "gus-anon"])
  }),
  patch: Effect.gen(function* () {
    const { operations, project } = yield* client
    yield* personOf(project, "hal", yield* identified("hal", 9))
    const payload = { distinct_id: "hal", properties: { plan: null, seats: [1, { a: "b" }] } }
    const { position } = yield* operations.patch({ params, payload, query: {} })
    const person = yield* personOf(project, "hal", position)
    expect(person?.properties).toEqual(payload.properties)
  }),
  deleteProperty: Effect.gen(function* () {
    const { operations, project } = yield* client
    yield* personOf(project, "ivy", yield* identified("ivy", 10))
    const payload = { distinct_id: "ivy", $unset: ["plan"] as const }
    const { position } = yield* operations.deleteProperty({ params, payload, query: {} })
    expect((yield* personOf(project, "ivy", position))?.properties).toEqual({})
  }),
  retract: Effect.gen(function* () {
    const { operations, past, project } = yield* client
    yield* personOf(project, "joe", yield* identified("joe", 11))
    const payload = { event_uuid: uuid(11).toUpperCase(), ...because }
    const retracted = yield* operations.retract({ params, payload, query: {} })
    const query = { distinct_id: "joe", min_position: retracted.position }
    expect((yield* project.persons({ params, query })).results).toEqual([])
    const traced = yield* past.trace({ params, query: { event: retracted.event_uuid } })
    expect(traced.position).toBe(retracted.position)
  }),
}

const past: Asked["past"] = {
  why: Effect.gen(function* () {
    const position = yield* identified("kim", 20)
    const answer = yield* (yield* client).past.why({ params, query: { a: "kim", b: "kim-anon" } })
    expect(answer.chain.map((step) => step.position)).toEqual([position])
    expect(answer.same).toBe(true)
  }),
  undo: Effect.gen(function* () {
    yield* identified("lea", 21)
    const answer = yield* (yield* client).past.undo({ params, query: { a: "lea", b: "lea-anon" } })
    expect(answer.events.map(({ event_uuid }) => event_uuid)).toEqual([uuid(21)])
  }),
  culprits: Effect.gen(function* () {
    yield* identified("max", 22)
    const { culprits } = yield* (yield* client).past.culprits({ params, query: { a: "max" } })
    expect(culprits.map(({ parts }) => parts)).toEqual([[["max"], ["max-anon"]]])
  }),
  property: Effect.gen(function* () {
    yield* identified("ned", 23)
    const query = { a: "ned", property: "plan" }
    const { settings } = yield* (yield* client).past.property({ params, query })
    expect(settings.map(({ value }) => value)).toEqual(["pro"])
  }),
  trace: Effect.gen(function* () {
    const position = yield* identified("ola", 24)
    const traced = yield* (yield* client).past.trace({ params, query: { event: uuid(24) } })
    expect(traced.position).toBe(position)
  }),
  history: Effect.gen(function* () {
    const position = yield* identified("pat", 25)
    const { history } = yield* (yield* client).past.history({
      params,
      query: { distinct_id: "pat" },
    })
    expect(history[0]?.position).toBe(position)
  }),
  firstNamed: Effect.gen(function* () {
    const position = yield* identified("fox", 43)
    const { past } = yield* client
    const first = (distinct_id: string) => past.firstNamed({ params, query: { distinct_id } })
    expect(yield* first("fox-anon")).toEqual({ position })
    expect(yield* first("never")).toEqual({ position: null })
  }),
  operations: Effect.gen(function* () {
    yield* identified("gus", 44)
    const { operations, past } = yield* client
    const payload = { distinct_id: "gus", properties: { plan: "max" }, by: "eve", reason: "a gift" }
    const act = yield* operations.patch({ params, payload, query: {} })
    const { results } = yield* past.operations({ params, query: { limit: 1 } })
    expect(results).toMatchObject([
      { ...act, api: "persons.patch", by: "eve", reason: "a gift", distinct_id: "gus" },
    ])
  }),
  diff: Effect.gen(function* () {
    const position = yield* identified("quy", 26)
    const query = { from: `${position - 1}`, distinct_id: "quy" }
    const { persons } = yield* (yield* client).past.diff({ params, query })
    expect(persons.map(({ change }) => change)).toEqual(["born"])
  }),
  bisect: Effect.gen(function* () {
    const position = yield* identified("ray", 27)
    const query = { condition: "same ray ray-anon" }
    expect((yield* (yield* client).past.bisect({ params, query })).position).toBe(position)
  }),
  whatIf: Effect.gen(function* () {
    yield* identified("sue", 28)
    const payload = { without: [uuid(28)], policy: { buffer_enabled: false } }
    const { persons } = yield* (yield* client).past.whatIf({ params, payload, query: {} })
    const before = persons.flatMap((person) => person.before?.distinct_ids ?? [])
    expect(before).toEqual(["sue", "sue-anon"])
  }),
  previewRetraction: Effect.gen(function* () {
    yield* identified("tom", 29)
    const payload = { event_uuid: uuid(29), by: "ann" }
    const { persons } = yield* (yield* client).past.previewRetraction({
      params,
      payload,
      query: {},
    })
    expect(persons.map((person) => person.before?.distinct_ids)).toEqual([["tom", "tom-anon"]])
  }),
  verify: Effect.gen(function* () {
    const position = yield* identified("uma", 30)
    const verified = yield* (yield* client).past.verify({ params, query: {} })
    expect(verified).toMatchObject({ ok: true, position })
  }),
}

const asked: Asked = {
  project: questions,
  operations,
  past,
  timeline,
  page,
  session,
  projects: {
    list: Effect.gen(function* () {
      const position = yield* identified("zoe", 42)
      const { results } = yield* (yield* client).projects.list({ query: {} })
      const listed = results.find((each) => each.project === "1")
      expect(listed).toMatchObject({ events: position, has_key: true })
      expect(listed?.first_event_at?.slice(0, 4)).toMatch(/^\d{4}$/)
    }),
    refusals: Effect.gen(function* () {
      yield* ask("/e/", {
        method: "POST",
        body: JSON.stringify({ api_key: "phc_typo", event: "e" }),
      })
      const { results } = yield* (yield* client).projects.refusals({ query: {} })
      expect(results).toMatchObject([{ project: null, token: "phc_typo", status: 401, count: 1 }])
    }),
  },
  log: {
    import: Effect.gen(function* () {
      const { log } = yield* client
      const lines = ["1", "2"].map((project) =>
        JSON.stringify({ event: "e", distinct_id: "own", project, uuid: uuid(79) }),
      )
      const payload = Stream.encodeText(Stream.make(lines.join("\n")))
      const taken = yield* log.import({ params, query: {}, payload })
      expect(taken).toMatchObject({ added: 1, bad: 1, projects: ["1"] })
      expect(taken.bad_lines).toEqual([
        { line: 2, message: "project: expected 1, whose key this is" },
      ])
    }),
    export: Effect.gen(function* () {
      const position = yield* identified("una", 78)
      const { log } = yield* client
      const bytes = yield* log.export({ params, query: {} })
      const lines = (yield* Stream.mkString(Stream.decodeText(bytes))).trim().split("\n")
      expect(lines).toHaveLength(position)
      expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ distinct_id: "una", project: "1" })
    }),
    page: Effect.gen(function* () {
      const position = yield* identified("uma", 77)
      const { log } = yield* client
      const query = { after: position - 1, limit: 1 }
      const { results, next } = yield* log.page({ params, query })
      expect(results).toMatchObject([{ position, distinct_id: "uma", source: "uma-anon" }])
      expect(next).toBe(position)
    }),
  },
  importing: {
    import: Effect.gen(function* () {
      const { importing } = yield* client
      const line = JSON.stringify({ event: "e", distinct_id: "imp", project: "imported" })
      const payload = Stream.encodeText(Stream.make(`${line}\n`, "{}\n"))
      const taken = yield* importing.import({ query: { lines_before: 4 }, payload })
      expect(taken).toMatchObject({ lines: 2, added: 1, bad: 1, projects: ["imported"] })
      expect(taken.bad_lines.map(({ line }) => line)).toEqual([6])
    }),
  },
  keys: {
    list: Effect.gen(function* () {
      const { keys, token: told } = yield* (yield* client).keys.list({ params, query: {} })
      expect(told).toBe(token)
      expect(keys.map(({ name }) => name)).toContain("serve")
    }),
    make: Effect.gen(function* () {
      const { keys } = yield* client
      const wanted = { params, query: {}, payload: { name: "ann" } }
      const made = yield* keys.make(wanted)
      const asAnn = yield* clientWith(made.key, operatorKey)
      expect((yield* asAnn.project.status({ params, query: {} })).project).toBe("1")
      expect(yield* Effect.flip(keys.make(wanted))).toMatchObject({ field: "name" })
    }),
    end: Effect.gen(function* () {
      const { keys } = yield* client
      const wanted = { params, query: {}, payload: { name: "ben" } }
      const made = yield* keys.make(wanted)
      expect(yield* keys.end(wanted)).toMatchObject({ project: "1", name: "ben" })
      const asBen = yield* clientWith(made.key, operatorKey)
      const refused = yield* Effect.flip(asBen.project.status({ params, query: {} }))
      expect(refused).toMatchObject({ _tag: "Unauthorized" })
      expect(yield* Effect.flip(keys.end(wanted))).toMatchObject({ field: "name" })
    }),
  },
  rebuilding: {
    rebuild: Effect.gen(function* () {
      const position = yield* identified("vic", 40)
      const { project, rebuilding } = yield* client
      yield* personOf(project, "vic", position)
      const steps = yield* rebuilding.rebuild({ params, query: { verify_only: "" } })
      const last = (yield* Stream.runCollect(steps)).at(-1)
      expect(last).toMatchObject({ position, head: position, same: true, published: false })
    }),
    endRebuild: Effect.gen(function* () {
      const { rebuilding } = yield* client
      expect(yield* rebuilding.endRebuild({ params, query: {} })).toEqual({
        project: "1",
        ended: false,
      })
    }),
  },
  rebuildingAll: {
    rebuildAll: Effect.gen(function* () {
      const position = yield* identified("wes", 41)
      const { project, rebuildingAll } = yield* client
      yield* personOf(project, "wes", position)
      const steps = yield* Stream.runCollect(yield* rebuildingAll.rebuildAll({ query: {} }))
      expect(steps.filter((step) => "error" in step)).toEqual([])
      expect(steps.filter((step) => step.project === "1").at(-1)).toMatchObject({ position })
    }),
  },
}

const named = Object.entries(asked).flatMap(([group, endpoints]) =>
  Object.entries(endpoints).map(([endpoint, ask]) => [`${group}.${endpoint}`, ask] as const),
)

layer(unbuffered, { excludeTestServices: true })("a typed client of the API", (it) => {
  it.effect.each(named)("asks %s", ([, ask]) => ask)

  it.effect("is told as a value that nobody has a distinct id", () =>
    Effect.gen(function* () {
      const { operations } = yield* client
      const payload = { distinct_id: "nobody" }
      const missing = yield* operations
        .delete({ params, payload, query: {} })
        .pipe(Effect.catchTag("PersonNotFound", (error) => Effect.succeed(error.distinct_id)))
      expect(missing).toBe("nobody")
    }),
  )

  it.effect("is told as a value which field of a question is not understood", () =>
    Effect.gen(function* () {
      const { operations, past, project } = yield* client
      const question = yield* Effect.flip(past.diff({ params, query: { from: "yesterday" } }))
      expect(question).toMatchObject({ code: "invalid_input", field: "from" })
      yield* personOf(project, "xia", yield* identified("xia", 50))
      const payload = { distinct_id: "xia", main_distinct_id: "nobody" }
      const act = yield* Effect.flip(operations.split({ params, payload, query: {} }))
      expect(act).toMatchObject({ code: "refused", field: "main_distinct_id" })
    }),
  )

  it.effect("is told as a value that its key opens nothing", () =>
    Effect.gen(function* () {
      const { operations, project, rebuildingAll } = yield* clientWith("onk_wrong", key)
      const payload = { distinct_id: "ann" }
      for (const error of [
        yield* Effect.flip(project.status({ params, query: {} })),
        yield* Effect.flip(operations.delete({ params, payload, query: {} })),
        yield* Effect.flip(rebuildingAll.rebuildAll({ query: {} })),
      ]) {
        expect(error).toMatchObject({ code: "unauthorized" })
      }
    }),
  )

  it.effect("does not even ask what the body of an act refuses", () =>
    Effect.gen(function* () {
      const { operations } = yield* client
      for (const [payload, message] of [
        [{ distinct_id: "", alias: "b", ...because }, "a distinct id"],
        [{ distinct_id: "a", alias: "a", ...because }, "another id than distinct_id"],
        [{ distinct_id: "a", alias: "b", ...because, by: " " }, "a text that is not blank"],
      ] as const) {
        const error = yield* Effect.flip(operations.merge({ params, payload, query: {} }))
        expect(error).toMatchObject({ _tag: "SchemaError" })
        expect(`${error.message}`).toContain(message)
      }
    }),
  )
})
