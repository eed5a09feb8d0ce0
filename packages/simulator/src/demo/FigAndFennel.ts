import type { Json, JsonObject } from "@onymous/identity/encoding/Json"

const day = 86_400_000

/** When the week ends as it is written: lines are moved from here. */
const end = Date.UTC(2026, 10, 27, 17, 30)

/** The beginning of the week's first day. */
const firstDay = Date.UTC(2026, 10, 20)

/** A line of a file of events, with the time at which the log takes it. */
interface Written {
  readonly time: number
  readonly number: number
  readonly line: JsonObject
}

const hex = (number: number): string => number.toString(16).padStart(12, "0")

/** A minute of a day of the week, and a second of it. */
const at = (dayOfWeek: number, clock: string, second = 0): number => {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number)
  return firstDay + dayOfWeek * day + hours * 3_600_000 + minutes * 60_000 + second * 1000
}

const web = { $lib: "web", $browser: "Safari" }
const backend = { $lib: "posthog-node" }
const linking = { ...backend, job: "link-devices" }

/** An anonymous id of a browser. */
const anonymous = (number: number): string =>
  `a-${((0x1a2b3c * (number + 3)) % 0xffffff).toString(16).padStart(6, "0")}`

/** Writes the week: the same numbers, the same lines. */
class Week {
  readonly written: Array<Written> = []
  #number = 0
  #seed = 7

  /** From 0 up to 1. */
  random(): number {
    this.#seed = (this.#seed * 16_807) % 2_147_483_647
    return this.#seed / 2_147_483_647
  }

  pick(choices: ReadonlyArray<string>): string {
    return choices[Math.trunc(this.random() * choices.length)] ?? ""
  }

  #write(time: number, line: JsonObject): void {
    this.written.push({ time, number: this.#number, line })
  }

  /** An event of a client; its uuid says which one it is. */
  event(time: number, event: string, distinct_id: string, properties: JsonObject): string {
    const uuid = `019ac0de-0000-7000-8000-${hex(++this.#number)}`
    this.#write(time, { event, distinct_id, properties, uuid })
    return uuid
  }

  /** Something that a browser sends. */
  view(time: number, id: string, event = "$pageview", more: JsonObject = {}): void {
    this.event(time, event, id, { ...web, $device_id: id, ...more })
  }

  /** Something that a back end sends. */
  back(time: number, id: string, event: string, more: JsonObject = {}): void {
    this.event(time, event, id, { ...backend, ...more })
  }

  identify(
    time: number,
    id: string,
    $anon_distinct_id: string,
    $set: JsonObject = {},
    from: JsonObject = web,
  ): void {
    this.event(time, "$identify", id, { ...from, $anon_distinct_id, $set })
  }

  alias(time: number, id: string, other: string, from: JsonObject = backend): string {
    return this.event(time, "$create_alias", id, { ...from, alias: other })
  }

  /** What an operator does. */
  act(time: number, body: JsonObject): void {
    this.#number += 1
    this.#write(time, body)
  }
}

/** The wrong merge: Mia and Noah share a tablet in the kitchen, and a job makes them one. */
const kitchen = (week: Week): void => {
  for (let dayOfWeek = 0; dayOfWeek < 7; dayOfWeek++) {
    for (let seen = 0; seen < 9; seen++) {
      const time = at(dayOfWeek, "07:40") + week.random() * 13 * 3_600_000
      week.view(time, week.pick(["mia-phone", "tablet-kitchen", "mia@fig.example"]))
    }
  }
  const mia = { name: "Mia Okafor", city: "Leeds", email: "mia@fig.example" }
  week.identify(at(0, "18:12"), "mia@fig.example", "mia-phone", mia)
  week.identify(at(1, "19:05"), "mia@fig.example", "tablet-kitchen")
  const noah = { name: "Noah Lind", city: "Rome", email: "noah@fig.example" }
  for (const [dayOfWeek, clock] of [
    [0, "09:10"],
    [1, "09:14"],
    [2, "09:02"],
    [3, "09:20"],
    [5, "09:05"],
    [6, "09:11"],
  ] as const) {
    week.back(at(dayOfWeek, clock), "noah@fig.example", "order placed", {
      total: 20 + Math.trunc(week.random() * 60),
      ...(dayOfWeek === 0 && { $set: noah }),
    })
  }
  week.alias(at(4, "21:04"), "tablet-kitchen", "noah@fig.example", linking)
}

/** One till, many customers: a person of ten ids. */
const till = (week: Week): void => {
  for (let card = 1; card <= 9; card++) {
    const $set = { name: `${week.pick(["A", "B", "C", "D"])}. Customer ${card}` }
    week.back(at(1, "10:00") + card * 3_700_000, `card-100${card}`, "card issued", { $set })
  }
  for (let receipt = 0; receipt < 60; receipt++) {
    week.view(at(2, "08:00") + week.random() * 4.3 * day, "till-2", "receipt printed")
  }
  for (let card = 1; card <= 9; card++) {
    week.alias(at(3, "11:00") + card * 1_900_000, "till-2", `card-100${card}`, linking)
  }
}

/** A release that identified people who had logged out. */
const release = (week: Week): void => {
  for (let call = 0; call < 14; call++) {
    const clock = `14:0${call % 9}`
    week.view(at(2, clock, call), anonymous(400 + call))
    const from = { ...web, release: "4.12.0" }
    week.identify(at(2, clock, call + 5), "null", anonymous(400 + call), {}, from)
  }
}

/** One laptop and two accounts, without a reset between them. */
const laptop = (week: Week): void => {
  week.view(at(1, "20:00"), "laptop-2")
  week.identify(at(1, "20:02"), "lena@fig.example", "laptop-2", { name: "Lena Fried" })
  for (const [dayOfWeek, clock] of [
    [1, "21:30"],
    [3, "21:10"],
    [5, "22:00"],
  ] as const) {
    const $set = { name: "Tomas Fried" }
    week.identify(at(dayOfWeek, clock), "tomas@fig.example", "lena@fig.example", $set)
  }
}

/** The buffer: one is identified in time, the other a second too late. */
const signUps = (week: Week): void => {
  week.view(at(3, "10:00"), "omar-web")
  week.back(at(3, "10:01"), "omar@fig.example", "signed up")
  week.identify(at(3, "10:01", 12), "omar@fig.example", "omar-web", { name: "Omar Haddad" })
  week.view(at(3, "10:20"), "yuki-web")
  week.back(at(3, "10:21"), "yuki@fig.example", "signed up")
  week.identify(at(3, "10:22", 1), "yuki@fig.example", "yuki-web", { name: "Yuki Mori" })
}

/** The identity provider made him anew; an operator joins the two, and rightly. */
const madeAnew = (week: Week): void => {
  const $set = { name: "Paul Renner" }
  week.view(at(0, "12:00"), "paul-web")
  week.identify(at(0, "12:03"), "auth0|41", "paul-web", $set)
  week.view(at(5, "08:30"), "paul-web-2")
  week.identify(at(5, "08:31"), "auth0|88", "paul-web-2", $set)
  week.alias(at(5, "08:40"), "auth0|88", "auth0|41")
  const reason = "the same customer, ticket 512"
  week.act(at(5, "11:15"), {
    api: "persons.merge",
    distinct_id: "auth0|88",
    alias: "auth0|41",
    by: "ann",
    reason,
  })
}

/** Taken apart in three ways: deleted, split, and a wrong alias retracted. */
const partings = (week: Week): void => {
  const [quinn, rosa] = [{ distinct_id: "quinn@fig.example" }, { distinct_id: "rosa@fig.example" }]
  week.view(at(0, "15:00"), "quinn-web")
  week.identify(at(0, "15:02"), quinn.distinct_id, "quinn-web", { name: "Quinn Abel" })
  week.act(at(2, "09:30"), { api: "persons.delete", ...quinn, by: "ann", reason: "asked for it" })
  week.view(at(6, "13:00"), quinn.distinct_id)
  week.view(at(1, "08:00"), rosa.distinct_id)
  week.view(at(1, "08:10"), "sam@fig.example")
  week.act(at(2, "16:00"), {
    api: "persons.merge",
    ...rosa,
    alias: "sam@fig.example",
    by: "leo",
    reason: "same address",
  })
  week.act(at(2, "16:20"), {
    api: "persons.split",
    ...rosa,
    main_distinct_id: rosa.distinct_id,
    by: "leo",
    reason: "neighbours",
  })
  week.identify(at(0, "16:30"), "vera@fig.example", "vera-web", { name: "Vera Holm" })
  const $set = { name: "Will Grant" }
  week.back(at(0, "17:00"), "will@fig.example", "order placed", { $set })
  const from = { ...backend, job: "import-crm" }
  const wrong = week.alias(at(1, "17:30"), "vera@fig.example", "will@fig.example", from)
  week.act(at(2, "10:45"), {
    api: "events.retract",
    distinct_id: "vera@fig.example",
    alias: "will@fig.example",
    event_uuid: wrong,
    by: "ann",
    reason: "rows of the import were shifted",
  })
}

/** A browser that forgets: one person of 218 ids. */
const forgetful = (week: Week): void => {
  const helga = { name: "Helga Brandt", city: "Ulm" }
  for (let visit = 0; visit < 217; visit++) {
    const time = at(0, "06:00") + (visit / 217) * 6.6 * day + week.random() * 1_800_000
    const id = `h-${hex((visit * 7919) % 65_536).slice(-4)}-${visit}`
    week.view(time, id)
    week.identify(time + 40_000, "helga@fig.example", id, visit === 0 ? helga : {})
  }
}

/** Ids and values that are nobody's friends. */
const hostile = (week: Week): void => {
  const $set = { note: "x".repeat(100_000) }
  week.view(at(4, "12:00"), "<img src=x onerror=alert(1)>", "form sent", { $set })
  week.view(at(4, "12:05"), "שלום-🌿-\u202eabc")
}

const names = ["ida", "jon", "kim", "lou", "max", "nia", "ola", "pia", "ray", "sia"]

/** Forty shoppers as they are. */
const shoppers = (week: Week): void => {
  for (let shopper = 0; shopper < 40; shopper++) {
    const user = `${week.pick(names)}${shopper}@fig.example`
    const count = 1 + Math.trunc(week.random() * week.random() * 4)
    for (let device = 0; device < count; device++) {
      visit(week, user, anonymous(shopper * 9 + device))
    }
  }
}

/** A device is used for an hour; most are identified then, and used on. */
const visit = (week: Week, user: string, device: string): void => {
  const first = at(0, "06:00") + week.random() * 6.4 * day
  for (let seen = 0; seen < 4 + week.random() * 14; seen++) {
    week.view(first + week.random() * 3_600_000, device)
  }
  if (week.random() >= 0.75) return
  const $set = { name: user.split("@")[0] ?? "", plan: week.pick(["basic", "green"]) }
  week.identify(first + 3_700_000, user, device, $set)
  for (let seen = 0; seen < 3 + week.random() * 12; seen++) {
    week.view(first + 3_700_000 + week.random() * day * 0.4, user)
  }
}

const stories = [
  kitchen,
  till,
  release,
  laptop,
  signUps,
  madeAnew,
  partings,
  forgetful,
  hostile,
  shoppers,
]

/**
 * A week of Fig & Fennel, a small shop, as lines of a file of events, the last one at `endsAt`, in epoch
 * milliseconds: 1,629 events and a tick, 79 persons, 18 warnings, and one wrong merge in which three values gave way.
 */
export const lines = (endsAt: number = end): ReadonlyArray<Readonly<Record<string, Json>>> => {
  const week = new Week()
  for (const story of stories) story(week)
  const moved = (time: number) => new Date(Math.trunc(time) + endsAt - end).toISOString()
  const events = week.written
    .toSorted((a, b) => a.time - b.time || a.number - b.number)
    .filter(({ time }) => time <= end)
    .map(({ time, line }) => ({ ...line, received_at: moved(time) }))
  return [...events, { advance_to: moved(end) }]
}
