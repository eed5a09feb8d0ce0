import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PostHog } from "posthog-node"
import { afterAll, beforeAll, expect, it } from "vitest"
import * as Model from "@onymous/simulator/model/Model"
import { ask, key, onymous, serve, type Serving, setPolicy, token } from "./Serving.ts"

const count = 3000
const timeout = 600_000

/** No event waits, so that the answers are final once the last event is in. */
const unbuffered = { buffer_enabled: false }

let directory = ""
let server: Serving

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "onymous-sdk-"))
  server = await serve(["--data-dir", directory])
  await setPolicy(server.url, unbuffered)
})

afterAll(async () => {
  await server.kill()
  rmSync(directory, { recursive: true, force: true })
})

/** Visits of anonymous browsers, log-ins, aliases and ids that mean nothing, the same ones every time. */
const send = (posthog: PostHog, index: number): void => {
  const user = `user-${index % 173}`
  const anonymous = `anon-${(index * 31) % 977}`
  const illegal = ["null", "Guest", "[object Object]", "0"][index % 4] ?? "null"
  switch (index % 10) {
    case 3:
      return posthog.identify({
        distinctId: user,
        properties: { $anon_distinct_id: anonymous, $set: { plan: index % 5 } },
      })
    case 5:
      return posthog.alias({ distinctId: user, alias: `other-${index % 211}` })
    case 7:
      return posthog.identify({ distinctId: user, properties: { $anon_distinct_id: illegal } })
    case 8:
      return posthog.capture({
        distinctId: user,
        event: "bought",
        properties: { $set: { n: index % 3 }, $set_once: { first: index } },
      })
    default:
      return posthog.capture({ distinctId: anonymous, event: "$pageview" })
  }
}

const sortedPersons = (all: ReadonlyArray<{ ids: ReadonlyArray<string>; properties: unknown }>) =>
  all.toSorted((a, b) => ((a.ids[0] ?? "") < (b.ids[0] ?? "") ? -1 : 1))

const replayed = async (): Promise<{
  readonly lines: ReadonlyArray<Model.Line>
  readonly text: string
}> => {
  const { stdout } = await onymous(["export", "--data-dir", directory])
  const [, ...events] = stdout.trim().split("\n")
  const text = events.join("\n")
  return { text, lines: text.split("\n").map((line): Model.Line => JSON.parse(line)) }
}

it(
  "posthog-node, unchanged: persons and warnings are those of an obvious model",
  { timeout },
  async () => {
    const posthog = new PostHog(token, { host: server.url, flushAt: 100, maxQueueSize: count * 2 })
    const errors: Array<unknown> = []
    posthog.on("error", (error: unknown) => errors.push(error))
    for (let index = 0; index < count; index++) send(posthog, index)
    await posthog.shutdown(60_000)
    expect(errors).toEqual([])
    const status = await ask(server.url, `status?min_position=${count + 1}`)
    expect(status["head"]).toBe(count + 1)
    await server.kill()
    const { lines, text } = await replayed()
    server = await serve(["--data-dir", directory])
    const model = Model.answer("page", [{ policy: unbuffered }, ...lines])
    const persons = await listed()
    expect(persons).toEqual(
      sortedPersons(
        model.persons.map((person) => ({
          ids: person.distinct_ids,
          properties: person.properties,
        })),
      ),
    )
    const { results } = await ask(server.url, "warnings")
    const counted = Object.fromEntries(warningCounts(results))
    expect(counted).toEqual(Object.fromEntries(tally(model.warnings.map(({ type }) => type))))

    // The same batches again, with the same uuids.
    const all = text.split("\n").map((line): unknown => JSON.parse(line))
    for (let start = 0; start < all.length; start += 500) {
      const body = JSON.stringify({ api_key: token, batch: all.slice(start, start + 500) })
      const response = await fetch(`${server.url}/batch/`, { method: "POST", body })
      expect(response.status).toBe(200)
    }
    const again = await ask(server.url, `status?min_position=${count + 1}`)
    expect(again).toEqual(status)
  },
)

const tally = (types: ReadonlyArray<string>): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

const warningCounts = (results: unknown): ReadonlyArray<[string, number]> =>
  (Array.isArray(results) ? results : []).map((group) => [String(group.type), Number(group.count)])

/** All persons, page after page. */
const listed = async () => {
  const persons: Array<{ ids: ReadonlyArray<string>; properties: unknown }> = []
  let cursor = ""
  do {
    const page = await ask(server.url, `persons?limit=100${cursor && `&cursor=${cursor}`}`)
    const results = Array.isArray(page["results"]) ? page["results"] : []
    for (const person of results) {
      persons.push({ ids: person.distinct_ids, properties: person.properties })
    }
    cursor = typeof page["next"] === "string" ? page["next"] : ""
  } while (cursor !== "")
  return sortedPersons(persons)
}

it("only the key opens the API", async () => {
  const response = await fetch(`${server.url}/api/projects/1/persons`)
  expect(response.status).toBe(401)
  const opened = await fetch(`${server.url}/api/projects/1/persons`, {
    headers: { authorization: `Bearer ${key}` },
  })
  expect(opened.status).toBe(200)
})
