import { layer as withLayer, expect } from "@effect/vitest"
import { Effect } from "effect"
import { order, key, operate, question, send, unbuffered } from "./serverSupport.ts"

const uuid = (last: number): string =>
  `00000000-0000-4000-8000-0000000000${`${last}`.padStart(2, "0")}`

const identify = (distinct_id: string, anonymous: string, last: number, plan: string) => ({
  event: "$identify",
  distinct_id,
  uuid: uuid(last),
  properties: { $anon_distinct_id: anonymous, $set: { plan } },
})

const because = { by: "ann", reason: "a shared device" }

const retract = (body: object) =>
  Effect.map(order("POST retractions", body, key), ({ status, text }) => {
    expect({ status, text }).toMatchObject({ status: 200 })
    return JSON.parse(text)
  })

const answer = (path: string) =>
  Effect.map(question(path), ({ status, text }) => {
    expect({ status, text }).toMatchObject({ status: 200 })
    return JSON.parse(text)
  })

withLayer(unbuffered, { timeout: "60 seconds", excludeTestServices: true })(
  "the past over HTTP",
  (it) => {
    it.effect("says why, what changed, since when, and what if, and writes nothing", () =>
      Effect.gen(function* () {
        const first = yield* send(identify("ann", "tablet", 1, "free"))
        const second = yield* send({ ...identify("ann", "tablet", 2, "pro") })
        const why = yield* answer("why?a=ann&b=tablet")
        expect(why).toMatchObject({ same: true, chain: [{ position: first, event_uuid: uuid(1) }] })
        const then = yield* answer(`persons?distinct_id=tablet&at=${first}&min_position=${second}`)
        expect(then.results).toMatchObject([{ properties: { plan: "free" } }])
        const traced = yield* answer(`trace?event=${uuid(1)}`)
        expect(traced.checks.at(-1)).toMatchObject({
          id: "result",
          verdict: "told",
          outcome: "created",
        })
        expect((yield* answer("history?distinct_id=ann")).history.length).toBeGreaterThan(1)
        const changed = yield* answer(`diff?from=${first}`)
        expect(changed.persons).toMatchObject([
          { change: "changed", before: { properties: { plan: "free" } } },
        ])
        const since = yield* answer("bisect?condition=property%20ann%20plan%20%3D%20pro")
        expect(since.position).toBe(second)
        const body = { without: [uuid(1)] }
        const { status, text } = yield* order("POST what-if", body, key)
        expect({ status, text }).toMatchObject({ status: 200 })
        expect(JSON.parse(text)).toMatchObject({ blast_radius: 2 })
        const insert = [{ api: "persons.delete", distinct_id: "ann", project: "A" }]
        const deleted = yield* order("POST what-if", { insert }, key)
        expect(JSON.parse(deleted.text)).toMatchObject({ persons: [{ change: "gone" }] })
        expect(yield* answer("verify")).toMatchObject({ ok: true, position: second })
        expect(yield* answer("verify?deep")).toMatchObject({ ok: true, position: second })
      }),
    )

    it.effect("a split is explained as well, and nothing is told without the key", () =>
      Effect.gen(function* () {
        const sent = yield* send(identify("bob", "phone", 3, "free"))
        yield* answer(`status?min_position=${sent}`)
        const split = yield* operate("POST persons/split", {
          distinct_id: "bob",
          main_distinct_id: "bob",
        })
        yield* answer(`status?min_position=${split}`)
        expect(yield* answer("why?a=bob&b=phone")).toMatchObject({ same: false, chain: [] })
        const before = yield* answer(`why?a=bob&b=phone&at=${split - 1}`)
        expect(before).toMatchObject({ same: true, chain: [{ event: "$identify" }] })
        expect((yield* question("why?a=bob&b=phone", "onk_wrong")).status).toBe(401)
      }),
    )

    it.effect("a retraction undoes an event from there on, and can be retracted again", () =>
      Effect.gen(function* () {
        const merged = yield* send(identify("eve", "kiosk", 4, "free"))
        const retracted = yield* retract({ ...because, event_uuid: uuid(4) })
        const apart = yield* answer("why?a=eve&b=kiosk")
        expect(apart).toMatchObject({ same: false, chain: [] })
        expect(yield* answer(`why?a=eve&b=kiosk&at=${merged}`)).toMatchObject({ same: true })
        const changed = yield* answer(`diff?from=${merged}&distinct_id=eve`)
        expect(changed.persons).toMatchObject([
          { change: "gone", before: { distinct_ids: ["eve", "kiosk"] } },
        ])
        expect(yield* answer("verify")).toMatchObject({ ok: true, position: retracted.position })
        const back = yield* retract({ ...because, event_uuid: retracted.event_uuid })
        expect(back.position).toBe(retracted.position + 1)
        expect(yield* answer("why?a=eve&b=kiosk")).toMatchObject({ same: true })
        const ofPerson = yield* answer(`persons?distinct_id=kiosk&min_position=${back.position}`)
        expect(ofPerson.results).toMatchObject([{ distinct_ids: ["eve", "kiosk"] }])
      }),
    )

    it.effect("what operators did is listed, traced, and undone by the uuid that is told", () =>
      Effect.gen(function* () {
        const sent = yield* send(identify("mia", "sofa", 12, "free"))
        const body = { distinct_id: "mia", distinct_ids_to_split: ["sofa"], ...because }
        const split = yield* order("POST persons/split", body, key)
        const act = JSON.parse(split.text)
        yield* order("PATCH policy", { buffer_window_seconds: 61 }, key)
        const listed = yield* answer("operations?limit=2")
        expect(listed).toMatchObject({
          results: [
            { api: "policy", details: { buffer_window_seconds: 61 }, by: null },
            { ...act, api: "persons.split", distinct_id: "mia", ...because },
          ],
          next: act.position,
        })
        const earlier = yield* answer(`operations?before=${act.position}&at=${sent}`)
        expect(JSON.stringify(earlier)).not.toContain(act.event_uuid)
        const traced = yield* answer(`trace?event=${act.event_uuid}`)
        expect(traced).toMatchObject({
          checks: [
            { outcome: "split sofa off from mia" },
            { outcome: because.by },
            { outcome: because.reason },
          ],
          before: [{ distinct_ids: ["mia", "sofa"] }],
          after: [{ distinct_ids: ["mia"] }, { distinct_ids: ["sofa"] }],
        })
        yield* retract({ ...because, event_uuid: act.event_uuid })
        expect(yield* answer("why?a=mia&b=sofa")).toMatchObject({ same: true })
      }),
    )

    it.effect("a number that a what-if inserts keeps its digits", () =>
      Effect.gen(function* () {
        const event =
          '{"event":"e","distinct_id":"digits","properties":{"$set":{"n":9007199254740993}}}'
        const { status, text } = yield* order("POST what-if", `{"insert":[${event}]}`, key)
        expect({ status, text }).toMatchObject({ status: 200 })
        expect(text).toContain('"n":9007199254740993')
        const vast = event.replace("9007199254740993", "-1e400")
        const beyond = yield* order("POST what-if", `{"insert":[${vast}]}`, key)
        expect(beyond).toMatchObject({ status: 200, text: expect.stringContaining('"n":-1e400') })
      }),
    )

    it.effect("the uuid of an event is taken in every form in which a retraction takes it", () =>
      Effect.gen(function* () {
        const sent = yield* send(identify("zoe", "shed", 14, "free"))
        const plain = uuid(14)
        const forms = [
          plain.toUpperCase(),
          plain.replaceAll("-", ""),
          `{${plain}}`,
          `urn:uuid:${plain}`,
        ]
        for (const event_uuid of forms) {
          const preview = yield* order("POST retractions/preview", { event_uuid }, key)
          expect(preview.text, event_uuid).toContain("zoe")
          const without = yield* order("POST what-if", { without: [event_uuid] }, key)
          expect(without.text, event_uuid).toContain("zoe")
          const at = encodeURIComponent(event_uuid)
          expect(yield* answer(`trace?event=${at}`)).toMatchObject({ position: sent })
        }
      }),
    )

    it.effect("an id that no event named is told as such", () =>
      Effect.gen(function* () {
        yield* send(identify("noa", "desk", 13, "free"))
        const why = "why?a=noa&b=never%20seen"
        expect(yield* answer(why)).toMatchObject({ same: false, unseen: ["never seen"] })
        expect(yield* answer("why?a=noa&b=desk")).toMatchObject({ same: true, unseen: [] })
      }),
    )

    it.effect("an event that named an empty id is retracted like any other", () =>
      Effect.gen(function* () {
        const nameless = "00000000-0000-4000-8000-0000000000fe"
        yield* send({ ...identify("ida", "", 1, "free"), uuid: nameless })
        yield* retract({ ...because, event_uuid: nameless })
        expect(yield* answer("verify")).toMatchObject({ ok: true })
      }),
    )

    it.effect("says what a retraction would change, which event it takes, and who set what", () =>
      Effect.gen(function* () {
        const first = yield* send(identify("kim", "radio", 10, "free"))
        const second = yield* send({ ...identify("kim", "car radio", 11, "pro") })
        const preview = { event_uuid: uuid(11) }
        const { text } = yield* order("POST retractions/preview", preview, key)
        expect(JSON.parse(text).persons).toMatchObject([
          { change: "changed", after: { distinct_ids: ["kim", "radio"] } },
        ])
        expect(yield* answer("why/undo?a=radio&b=car%20radio")).toMatchObject({
          events: [{ position: first }, { position: second }],
        })
        expect(yield* answer(`why/culprits?a=kim&at=${first}`)).toMatchObject({
          culprits: [{ event_uuid: uuid(10), parts: [["kim"], ["radio"]] }],
        })
        expect(yield* answer("why/property?a=kim&property=plan")).toMatchObject({
          settings: [{ position: second, value: "pro" }, { value: "free" }],
        })
        const condition = encodeURIComponent('same kim "car radio"')
        expect(yield* answer(`bisect?condition=${condition}`)).toMatchObject({ position: second })
        expect(yield* answer(`verify?from=${first}`)).toMatchObject({ ok: true, position: second })
        expect(yield* order("POST retractions/preview", { by: "ann" }, key)).toMatchObject({
          status: 400,
        })
      }),
    )

    it.effect("a retraction names who, why, and an event that can be undone", () =>
      Effect.gen(function* () {
        const refused = (body: object) =>
          Effect.map(order("POST retractions", body, key), ({ status, text }) => ({
            status,
            field: JSON.parse(text).field,
          }))
        yield* send(identify("fay", "laptop", 5, "free"))
        const rest = { ...because, event_uuid: uuid(5) }
        expect(yield* refused({ ...rest, by: "" })).toEqual({ status: 400, field: "by" })
        expect(yield* refused({ ...rest, reason: 7 })).toEqual({ status: 400, field: "reason" })
        expect(yield* refused(because)).toEqual({ status: 400, field: "event_uuid" })
        const unknown = { ...rest, event_uuid: "00000000-0000-4000-8000-0000000000ff" }
        expect(yield* refused(unknown)).toMatchObject({ field: "event_uuid" })
        yield* retract(rest)
        expect(yield* refused(rest)).toMatchObject({ field: "event_uuid" })
        expect((yield* order("POST retractions", rest, "onk_wrong")).status).toBe(401)
      }),
    )

    it.effect("events, warnings, what waits and the rules are told as of a point", () =>
      Effect.gen(function* () {
        yield* send({ event: "seen", distinct_id: "gus-tv", uuid: uuid(6) })
        const seen = yield* send({ event: "seen", distinct_id: "gus", uuid: uuid(9) })
        const merged = yield* send(identify("gus", "gus-tv", 7, "free"))
        const refused = yield* send(identify("hal", "gus", 8, "free"))
        const policy = { guard_identified_parts: "observe" }
        const changed = JSON.parse((yield* order("PATCH policy", policy, key)).text).position
        yield* answer(`status?min_position=${changed}`)
        const events = yield* answer(`events?distinct_id=gus-tv&at=${seen}`)
        const now = yield* answer("events?distinct_id=gus-tv")
        expect([events, now].map(({ results }) => results.length)).toEqual([1, 3])
        const owners = [events, now].map(({ results }) => results.at(-1).person_id)
        expect(owners[0]).not.toBe(owners[1])
        const warned = (at: number) => answer(`warnings?distinct_id=hal&at=${at}`)
        expect(yield* warned(merged)).toMatchObject({ results: [], position: merged })
        expect((yield* warned(refused)).results).toMatchObject([{ count: 1 }])
        expect((yield* answer(`waiting?at=${merged}`)).results).toEqual([])
        const rules = [yield* answer(`policy?at=${refused}`), yield* answer("policy")]
        expect(rules.map((each) => each.policy.guard_identified_parts)).toEqual(["off", "observe"])
      }),
    )

    it.effect("what is wrong is named by its field", () =>
      Effect.gen(function* () {
        for (const [path, field] of [
          ["why?a=ann&b=bob&at=yesterday", "at"],
          ["persons?at=yesterday", "at"],
          ["events?at=yesterday", "at"],
          ["warnings?at=yesterday", "at"],
          ["waiting?at=yesterday", "at"],
          ["policy?at=yesterday", "at"],
          ["persons?at=999999", "at"],
          ["bisect?condition=nonsense", "condition"],
          ["why?a=ann", "b"],
          ["diff?from=yesterday", "from"],
          ["trace?event=yesterday", "event"],
          ["why/undo?a=ann", "b"],
          ["why/culprits", "a"],
          ["why/property?a=ann", "property"],
          ["verify?from=yesterday", "from"],
          ["verify?deep&from=1", "from"],
        ] as const) {
          const { status, text } = yield* question(path)
          expect({ path, status, field: JSON.parse(text).field }).toEqual({
            path,
            status: 400,
            field,
          })
        }
        for (const [body, field] of [
          [{ without: ["00000000-0000-4000-8000-0000000000ff"] }, "without"],
          [{ insert: [{ event: "e" }] }, "insert[0].distinct_id"],
          [{ policy: { nonsense: 1 } }, "policy.nonsense"],
          [{ witout: [] }, "witout"],
        ] as const) {
          const { status, text } = yield* order("POST what-if", body, key)
          expect({ status, field: JSON.parse(text).field }).toEqual({ status: 400, field })
        }
      }),
    )
  },
)
