/** The uuid of the event on a line of the log. */
export const uuidOf = (line: number): string =>
  `00000000-0000-4000-8000-${line.toString().padStart(12, "0")}`

/** A user's distinct id, as an application gives it. */
export const userId = (user: number): string =>
  `user-${user.toString().padStart(4, "0")}@example.com`

/** The id of a user's own browser. */
export const browserId = (user: number): string =>
  `0184a1b2-c3d4-7e5f-8a9b-${user.toString().padStart(12, "0")}`

/** A tablet in a shop, at which many log in: the first of them keeps its id. */
const tablet = "tablet-in-the-shop"

/** An id that an application made for anybody who is not logged in. */
const nobody = "not-logged-in"

/** Ids that are wide, joined, turned round, or would clear the screen. */
export const oddIds = ["李小龙", "👩‍👩‍👧 family", "Zoë", "abc\u202Egnp.exe", "red\u001B[2J"] as const

const plans = ["free", "pro", "team"] as const

type Fields = Readonly<Record<string, unknown>>

const identify = (target: string, source: string, set: Fields = {}) => ({
  event: "$identify",
  distinct_id: target,
  properties: { $anon_distinct_id: source, $set: set },
})

const seen = (id: string, event = "$pageview") => ({
  event,
  distinct_id: id,
  properties: { $device_id: id, $current_url: "https://shop.example.com/checkout?step=2" },
})

const facts = (user: number) => ({
  email: userId(user),
  name: `User number ${user}`,
  plan: plans[user % plans.length],
  city: ["Berlin", "Łódź", "København"][user % 3],
})

/** Every tenth user logs in at the tablet, and is refused there but for the first one. */
const visits = (user: number) => [
  seen(browserId(user)),
  identify(userId(user), browserId(user), facts(user)),
  ...(user % 10 === 0 ? [identify(userId(user), tablet)] : []),
  ...(user % 50 === 0 ? [{ ...seen(userId(user)), properties: { $set: { plan: "team" } } }] : []),
]

/** An alias that makes one person of all that are not logged in and of one user. */
const wrongMerge = { event: "$create_alias", distinct_id: userId(7), properties: { alias: nobody } }

/** The number of users in the log. */
const many = 300

const linesOf = (users: number) => [
  { policy: { buffer_enabled: false } },
  seen(nobody),
  ...Array.from({ length: users }, (_, user) => [
    ...visits(user + 1),
    ...(user + 1 === Math.ceil(users / 2) ? [wrongMerge] : []),
  ]).flat(),
  ...oddIds.map((id) => identify(id, `browser of ${id}`, { name: id })),
  { policy: { buffer_enabled: true } },
  ...["server-1", "server-2", "server-3"].map((id) => ({ event: "order", distinct_id: id })),
]

/** The line of the wrong merge. */
export const wrongMergeLine = (users = many): number => linesOf(users).indexOf(wrongMerge)

/** The lines of a log of many users, one shared device and one wrong merge, half-way, as NDJSON. */
export const lines = (users = many): ReadonlyArray<string> =>
  linesOf(users).map((line, index) =>
    JSON.stringify({
      ...line,
      uuid: uuidOf(index),
      project: "1",
      received_at: new Date(Date.UTC(2022, 9, 25, 12) + index * 7000).toISOString(),
    }),
  )
