import { describe, expect, it } from "vitest"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { History } from "@onymous/timetravel/history/History"
import { weakLinks } from "../src/past/WeakLinks.ts"
import * as Columns from "../src/threads/Columns.ts"
import * as Threads from "../src/threads/Threads.ts"

type Said = Pick<Captured, "name"> & {
  readonly id: string
  readonly source?: string
  readonly set?: Readonly<Record<string, string>>
}

const seen = (id: string, set?: Said["set"]): Said => ({ name: "seen", id, ...(set && { set }) })

const identify = (id: string, source: string, set?: Said["set"]): Said => ({
  name: "$identify",
  id,
  source,
  ...(set && { set }),
})

const alias = (id: string, source: string): Said => ({ name: "$create_alias", id, source })

const historyOf = (...said: ReadonlyArray<Said>): History =>
  new History(
    ProjectId("1"),
    said.map(({ name, id, source, set }, index): Recorded => ({
      position: Position(index + 1),
      recordedAt: index * 1000,
      event: {
        _tag: "Captured",
        uuid: `00000000-0000-4000-8000-${`${index}`.padStart(12, "0")}`,
        name,
        distinctId: DistinctId(id),
        ...(source !== undefined && { source: DistinctId(source) }),
        facts: { isDevice: true, ...(set && { set }) },
      },
    })),
  )

const drawn = (history: History, id: string, opened = 0) => Threads.of(history, id, opened)

const shop = historyOf(
  seen("phone"),
  seen("noah", { name: "Noah", city: "Rome" }),
  identify("mia", "phone", { name: "Mia", city: "Leeds" }),
  seen("tablet"),
  identify("mia", "tablet"),
  seen("mia"),
  alias("tablet", "noah"),
  seen("noah"),
)

describe("threads", () => {
  it("join neighbours: of two lanes that a link joins, none lies between", () => {
    const { lanes, joins } = drawn(shop, "mia")
    expect(lanes.map(({ id }) => id).toSorted()).toEqual(["mia", "noah", "phone", "tablet"])
    for (const { from, to } of joins) expect(Math.abs(from - to)).toBe(1)
  })

  it("are the same wherever one asks from, but for whose the first colour is", () => {
    const ids = (asked: string) => new Set(drawn(shop, asked).lanes.map(({ id }) => id))
    expect(ids("noah")).toEqual(ids("phone"))
  })

  it("mark the link in which values gave way, with what would fall apart", () => {
    const { joins, columns } = drawn(shop, "mia")
    const weak = weakLinks(shop, "mia", shop.head)
    expect(weak.map(({ parts, merged }) => [merged.lost, parts.map(({ ids }) => ids)])).toEqual([
      [
        ["name", "city"],
        [expect.arrayContaining(["mia", "phone", "tablet"]), ["noah"]],
      ],
    ])
    expect(weak.map(({ parts }) => parts.map(({ size }) => size))).toEqual([[3, 1]])
    const marked = joins.filter(({ position }) =>
      weak.some(({ link }) => link.position === position),
    )
    expect(marked.map(({ column }) => columns[column]?.from)).toEqual([7])
  })

  it("mark no link before it came, and the same ones until the next change", () => {
    expect(weakLinks(shop, "mia", 6)).toEqual([])
    expect(weakLinks(shop, "mia", 7)).toBe(weakLinks(shop, "mia", 8))
  })

  it("find the link in which values gave way among thousands that hold as little", () => {
    const many = Array.from({ length: 300 }, (_, index) => identify("mega", `browser-${index}`))
    const [first, ...others] = many
    const history = historyOf(
      { ...first, name: "$identify", id: "mega", set: { name: "Max" } },
      ...others,
      seen("victim", { name: "Vic" }),
      alias("mega", "victim"),
    )
    const [weak, ...more] = weakLinks(history, "mega", history.head)
    expect(weak?.link.position).toBe(302)
    expect(weak?.parts.map(({ ids }) => ids.length)).toEqual([301, 1])
    expect(more).toEqual([])
  })

  it("give a lane the colour of its person, and the survivor's after a merge", () => {
    const { lanes } = drawn(shop, "mia")
    const noah = lanes.find(({ id }) => id === "noah")
    expect(noah?.spans.map(({ whose }) => whose)).toEqual([noah?.whose, 0])
    expect(noah?.whose).not.toBe(0)
  })

  it("have ordinary events between the columns of the changes around them", () => {
    const { lanes, columns } = drawn(shop, "mia")
    const mia = lanes.find(({ id }) => id === "mia")
    const [tick = -1] = mia?.ticks ?? []
    expect(columns[Math.floor(tick)]?.from).toBeLessThan(6)
    expect(columns[Math.ceil(tick)]?.from).toBeGreaterThan(6)
  })

  it("have a broken connector where a merge was refused, and the lane of who was not merged", () => {
    const history = historyOf(
      seen("laptop"),
      identify("lena", "laptop"),
      identify("tomas", "lena"),
      identify("tomas", "lena"),
    )
    const { lanes, joins } = drawn(history, "tomas")
    expect(lanes.map(({ id }) => id)).toContain("lena")
    expect(joins.map(({ isRefused }) => isRefused)).toEqual([true, true])
  })

  it("fold ids that came alike: three thousand are a few lanes, and fifty at a time are opened", () => {
    const many = Array.from({ length: 3000 }, (_, index) => [
      seen(`h-${index}`),
      identify("helga", `h-${index}`),
    ]).flat()
    const history = historyOf(...many)
    const folded = drawn(history, "helga")
    expect(folded.ids).toBe(3001)
    expect(folded.lanes.length).toBeLessThan(5)
    expect(folded.columns.length).toBeLessThan(8)
    const opened = drawn(history, "helga", 50)
    expect(opened.lanes.length).toBe(folded.lanes.length + 50)
    expect(Columns.indexAt(folded.columns, history.head)).toBe(folded.columns.length - 1)
  })

  it("have at most so many columns, however many changes there were", () => {
    const pairs = Array.from({ length: 400 }, (_, index) => [
      seen(`a-${index}`),
      identify(`b-${index}`, `a-${index}`),
      alias(index === 0 ? "b-0" : `a-${index - 1}`, `a-${index}`),
    ]).flat()
    const { columns } = drawn(historyOf(...pairs), "a-0")
    expect(columns.length).toBeLessThanOrEqual(300)
  })
})
