import { describe, expect, it } from "@effect/vitest"
import * as Cones from "../src/state/Cones.ts"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as Identity from "../src/Identity.ts"
import * as PersonId from "../src/state/PersonId.ts"
import * as ChangedPolicy from "../src/policy/ChangedPolicy.ts"
import {
  alias,
  dangerously,
  groupsOf,
  historyOf,
  identify,
  logOf,
  page,
  pageUnbuffered,
  personOf,
  posthog,
  project,
  propertiesOf,
  record,
  seen,
  start,
  typesOf,
} from "./pastLines.ts"

const idOf = (id: string) => PersonId.of(project, DistinctId(id))

/** A person known by two ids, so identified. */
const identified = (id: string) => identify(id, `${id}-device`)

describe("which id is merged into which", () => {
  it("given nothing, when $identify names an anonymous id, then distinct_id names the person", () => {
    expect(personOf(page(identify("ann", "dev")), "dev")?.id).toBe(idOf("ann"))
  })

  it("given nothing, when $create_alias names an alias, then distinct_id names the person", () => {
    expect(personOf(page(alias("ann", "dev")), "dev")?.id).toBe(idOf("ann"))
  })

  it.each([null, 0, false, ""])("given $anon_distinct_id %j, then page merges nothing", (empty) => {
    const history = page(identify("ann", empty))
    expect(groupsOf(history)).toEqual(["ann"])
    expect(typesOf(history)).toEqual([])
    expect(personOf(history, "ann")?.isIdentified).toBe(false)
  })

  it.each([
    [null, "null"],
    [0, "0"],
    [false, "false"],
    ["", ""],
  ])("given $anon_distinct_id %j, then posthog reads it as the illegal id %j", (empty, text) => {
    const history = posthog(identify("ann", empty))
    expect(history.warnings.map(({ details }) => details["illegalDistinctId"])).toEqual([text])
  })

  it.each([null, 0, false, "", undefined])(
    "given alias %j, then it is an ordinary event",
    (empty) => {
      for (const history of [page(alias("ann", empty)), posthog(alias("ann", empty))]) {
        expect(groupsOf(history)).toEqual(["ann"])
        expect(typesOf(history)).toEqual([])
      }
    },
  )

  it.each([
    [42, "42"],
    [["x", 1], "x,1"],
  ])("given the id %j, then it is the id %j", (given, text) => {
    expect(groupsOf(page(identify("ann", given)))).toEqual([[text, "ann"].toSorted().join(" ")])
  })

  it("given ordinary events with such properties, then nothing merges", () => {
    const history = page(seen("ann", { $anon_distinct_id: "dev", alias: "dev" }))
    expect(groupsOf(history)).toEqual(["ann"])
    expect(personOf(history, "ann")?.isIdentified).toBe(false)
  })

  it("given $merge_dangerously, then page takes it as an ordinary event", () => {
    const history = page(seen("bob"), dangerously("ann", "bob"))
    expect(groupsOf(history)).toEqual(["ann", "bob"])
    expect(personOf(history, "ann")?.isIdentified).toBe(false)
  })
})

describe("the order of checks", () => {
  it("given the same id twice, then nothing happens, even where it is illegal", () => {
    const history = page(identify("ann", "ann"), identify("null", "null"))
    expect(typesOf(history)).toEqual([])
    expect(personOf(history, "ann")?.isIdentified).toBe(false)
  })

  it("given two illegal ids, then only the target is warned of", () => {
    const { warnings } = page(identify("null", "guest"))
    expect(warnings.map(({ details }) => details)).toMatchObject([
      { illegalDistinctId: "null", otherDistinctId: "guest" },
    ])
  })

  it("given an illegal id and an identified source, then the warning is of the illegal id", () => {
    expect(typesOf(page(identified("ann"), identify("null", "ann")))).toEqual([
      "cannot_merge_with_illegal_distinct_id",
    ])
  })
})

describe("the person that both ids get", () => {
  it("given neither id, then one identified person has both", () => {
    const history = page(identify("ann", "dev", { $set: { a: 1 } }))
    expect(groupsOf(history)).toEqual(["ann dev"])
    expect(personOf(history, "ann")).toEqual({
      id: idOf("ann"),
      properties: { a: 1 },
      isIdentified: true,
      createdAt: start,
      version: 0,
    })
  })

  it.each([
    ["source", "dev"],
    ["target", "ann"],
  ])("given only the %s, then its person stays, and the other id joins it", (_, known) => {
    const history = page(seen(known), identify("ann", "dev"))
    expect(groupsOf(history)).toEqual(["ann dev"])
    expect(personOf(history, "ann")).toMatchObject({ id: idOf(known), createdAt: start })
    expect(personOf(history, "dev")?.isIdentified).toBe(true)
  })

  it("given one person for both, then nothing merges or warns, and the properties apply", () => {
    const history = page(identify("ann", "dev"), identify("dev", "ann", { $set: { a: 1 } }))
    expect(typesOf(history)).toEqual([])
    expect(personOf(history, "ann")).toMatchObject({ id: idOf("ann"), properties: { a: 1 } })
  })
})

describe("two persons that are joined", () => {
  it("given two persons, then the target survives, with the older created_at, and is identified", () => {
    const history = page(seen("dev"), seen("ann"), identify("ann", "dev"))
    expect(groupsOf(history)).toEqual(["ann dev"])
    expect(personOf(history, "dev")).toMatchObject({ id: idOf("ann"), createdAt: start })
    expect(personOf(history, "dev")?.isIdentified).toBe(true)
  })

  it("given two persons, when the target is the older, then its created_at stays", () => {
    const history = page(seen("ann"), seen("dev"), identify("ann", "dev"))
    expect(personOf(history, "ann")?.createdAt).toBe(start)
  })

  it("given an identified target, when an anonymous source is merged, then nothing refuses it", () => {
    const history = page(identified("ann"), seen("dev"), identify("ann", "dev"))
    expect(groupsOf(history)).toEqual(["ann ann-device dev"])
  })

  it("given merged persons, then properties are the source's, the target's over them, then the event's", () => {
    const history = page(
      seen("dev", { $set: { once: "dev", both: "dev", only: "dev", gone: 1 } }),
      seen("ann", { $set: { both: "ann", set: "ann" } }),
      identify("ann", "dev", {
        $set_once: { once: "e", new: "e" },
        $set: { set: "e" },
        $unset: ["gone"],
      }),
    )
    const merged = { once: "dev", both: "ann", only: "dev", set: "e", new: "e" }
    expect(propertiesOf(history, "ann")).toEqual(merged)
  })

  it("given two small persons and one large, then whichever component wins, the target's person stays", () => {
    const large = [
      identify("dev", "b"),
      identify("dev", "c"),
      seen("ann"),
      dangerously("ann", "dev"),
    ]
    const history = posthog(...large)
    expect(groupsOf(history)).toEqual(["ann b c dev"])
    expect(personOf(history, "c")?.id).toBe(idOf("ann"))
  })

  it("tell how many properties of the source give way to another value of the target", () => {
    const set = (id: string, $set: object) => seen(id, { $set })
    const changes = Identity.fold(
      Identity.empty(project, pageUnbuffered),
      logOf([
        set("ann", { plan: "pro", tags: ["a", { b: 1 }], city: "Rome", n: 0 }),
        set("dev", { plan: "free", tags: ["a", { b: 1 }], n: "0", os: "Linux" }),
        seen("other"),
        identify("ann", "dev"),
        identify("ann", "other"),
        identify("ann", "new"),
      ]),
    )
    const lost = changes.flatMap((change) => (change._tag === "Linked" ? [change.lost] : []))
    expect(lost).toEqual([2, 0, undefined])
  })
})

describe("an identified source", () => {
  const history = page(identified("ann"), seen("bob"), identify("bob", "ann", { $set: { a: 1 } }))

  it("is refused with a warning that names both sides and the event", () => {
    expect(history.warnings).toMatchObject([
      {
        type: "cannot_merge_already_identified",
        position: 3,
        at: start + 2000,
        eventUuid: "01840000-0000-7000-8000-000000000002",
        details: {
          sourcePersonDistinctId: "ann",
          targetPersonDistinctId: "bob",
          distinctId: "bob",
          sourcePersonId: idOf("ann"),
          targetPersonId: idOf("bob"),
          eventUuid: "01840000-0000-7000-8000-000000000002",
        },
      },
    ])
  })

  it("leaves both persons, identifies the target, and applies the event's properties to it", () => {
    expect(groupsOf(history)).toEqual(["ann ann-device", "bob"])
    expect(personOf(history, "bob")).toMatchObject({ isIdentified: true, properties: { a: 1 } })
  })

  it("given a target never seen, then page refuses, and the target is created identified", () => {
    const refused = page(identified("ann"), alias("bob", "ann", { $set: { a: 1 } }))
    expect(typesOf(refused)).toEqual(["cannot_merge_already_identified"])
    expect(groupsOf(refused)).toEqual(["ann ann-device", "bob"])
    expect(personOf(refused, "bob")).toMatchObject({ isIdentified: true, properties: { a: 1 } })
    expect(refused.warnings[0]?.details["targetPersonId"]).toBe(idOf("bob"))
  })

  it("given a target never seen, then posthog attaches it", () => {
    const attached = posthog(identified("ann"), alias("bob", "ann"))
    expect(typesOf(attached)).toEqual([])
    expect(groupsOf(attached)).toEqual(["ann ann-device bob"])
  })

  it("given a refusal, when the merge is tried the other way round, then it is refused too", () => {
    const turned = page(identified("ann"), seen("bob"), alias("bob", "ann"), alias("ann", "bob"))
    expect(typesOf(turned)).toHaveLength(2)
  })

  it("is merged all the same by posthog's $merge_dangerously, seen target or not", () => {
    const both = posthog(identified("ann"), identified("bob"), dangerously("bob", "ann"))
    expect(groupsOf(both)).toEqual(["ann ann-device bob bob-device"])
    const policy = ChangedPolicy.change(pageUnbuffered, { merge_dangerously: true })
    const strict = historyOf(logOf([identified("ann"), dangerously("bob", "ann")]), policy)
    expect(groupsOf(strict)).toEqual(["ann ann-device bob"])
  })
})

describe("an illegal id", () => {
  it("leaves no trace but the warning: the event is an ordinary one of its distinct_id", () => {
    const history = page(identify("null", "dev", { $set: { a: 1 } }))
    expect(groupsOf(history)).toEqual(["null"])
    expect(personOf(history, "null")).toMatchObject({ isIdentified: false, properties: { a: 1 } })
    expect(Cones.of(history.identity, [DistinctId("null")])).toEqual(new Set(["null"]))
  })
})

describe("an invalid uuid", () => {
  it.each(["not-a-uuid", 7, "", {}])(
    "%j drops the event, with a warning that quotes it",
    (uuid) => {
      const history = page(seen("ann"), { ...identify("ann", "dev", { $set: { a: 1 } }), uuid })
      expect(history.last.map(({ _tag }) => _tag)).toEqual(["Warned", "Dropped"])
      expect(history.warnings[0]).toMatchObject({
        type: "skipping_event_invalid_uuid",
        details: { eventUuid: JSON.stringify(uuid) },
      })
      expect(groupsOf(history)).toEqual(["ann"])
      expect(propertiesOf(history, "ann")).toEqual({})
    },
  )
})

it("given a change of policy in the log, then it rules the events after it, and none before", () => {
  const events = logOf([identified("ann"), alias("bob", "ann"), seen("x"), alias("eve", "ann")])
  const change = { identified_source_new_target: "attach" } as const
  const log = events.map((recorded, index) =>
    index === 2 ? record({ _tag: "PolicyChanged", uuid: "c", change }, index) : recorded,
  )
  const history = historyOf(log)
  expect(groupsOf(history)).toEqual(["ann ann-device eve", "bob"])
  expect(typesOf(history)).toEqual(["cannot_merge_already_identified"])
})
