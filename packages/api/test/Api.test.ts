import { expect, it } from "@effect/vitest"
import { OpenApi } from "effect/http-api"
import { Api } from "../src/Api.ts"

const { paths, components } = OpenApi.fromApi(Api)

const prefix = "/api/projects/{project}"

const methods = Object.entries(paths).flatMap(([path, { get, post, patch }]) =>
  Object.entries({ get, post, patch }).flatMap(([method, operation]) =>
    operation === undefined
      ? []
      : [{ method, path: path.replace(`${prefix}/`, ""), name: `${method} ${path}`, operation }],
  ),
)

const pathsOf = (wanted: string) =>
  methods.filter(({ method }) => method === wanted).map(({ path }) => path)

/** Questions to the log itself, whose events are there at once. */
const past = [
  "why",
  "why/undo",
  "why/culprits",
  "why/property",
  "trace",
  "history",
  "first-named",
  "operations",
  "diff",
  "bisect",
  "verify",
]

/** What the page draws. */
const drawn = ["activity", "changes", "merges", "ids", "former_values", "cone", "live"]

/** Questions about all projects, which have no common position. */
const lists = ["/api/projects", "/api/refusals"]

/** Endpoints of a project's keys, which do not depend on its persons. */
const keys = ["keys", "keys/end", "studio/link"]

/** Endpoints of the log, which do not wait for the persons. */
const log = ["log", "export", "import", "/api/import", "live"]

const isRebuild = ({ path }: { readonly path: string }) => /^(\/api\/)?rebuild(\/end)?$/.test(path)

it("questions are asked of what is now and of the past, and all else is done to policy, keys and persons", () => {
  const present = ["persons", "events", "waiting", "policy", "warnings", "status"]
  expect(pathsOf("get")).toEqual([...present, ...lists, "keys", ...past, ...drawn, "log", "export"])
  expect(pathsOf("patch")).toEqual(["policy"])
  expect(pathsOf("post")).toEqual([
    "keys",
    "keys/end",
    "persons/split",
    "persons/delete",
    "persons/merge",
    "persons/patch",
    "retractions",
    "persons/delete_property",
    "what-if",
    "retractions/preview",
    "studio/link",
    "demo",
    "/studio/session",
    "import",
    "/api/import",
    "rebuild",
    "rebuild/end",
    "/api/rebuild",
  ])
  expect(methods).toHaveLength(48)
})

/** The request to sign in has no key yet. */
const isKeyless = ({ path }: { readonly path: string }) => path === "/studio/session"

it("signing in needs no key, and tells its errors", () => {
  const signIn = methods.find(isKeyless)?.operation
  expect(Object.keys(signIn?.responses ?? {}).toSorted()).toEqual(["200", "400", "401"])
  expect(signIn?.security).toEqual([])
})

const keyed = methods.filter((each) => !isKeyless(each))

it.each(keyed)("$name needs the key, and tells its errors", ({ path, operation }) => {
  const { responses, security } = operation
  const isOfSomething = path.startsWith("persons/") || path === "retractions"
  // The server counts refusals in memory, without a database.
  const down = path === "/api/refusals" ? [] : ["503"]
  // Only questions about the past hold a log in memory.
  const long = [...past, "what-if", "retractions/preview"].includes(path) ? ["422"] : []
  const errors = ["400", "401", ...(isOfSomething ? ["404"] : []), ...long, ...down]
  expect(Object.keys(responses).toSorted()).toEqual(["200", ...errors])
  expect(security).toEqual([{ bearer: [] }])
})

it.each(
  methods.filter(
    ({ method, path }) => method === "get" && ![...lists, ...keys, ...past, ...log].includes(path),
  ),
)("$name may wait for a position", ({ operation }) => {
  expect(operation.parameters.map(({ name }) => name)).toContain("min_position")
})

it.each([
  ["rebuild", ["project", "verify_only"]],
  ["/api/rebuild", ["verify_only"]],
])("%s takes no body, and answers with lines of JSON", (path, parameters) => {
  const rebuild = methods.find((each) => each.path === path)?.operation
  expect(rebuild).not.toHaveProperty("requestBody")
  expect(Object.keys(rebuild?.responses["200"]?.content ?? {})).toEqual(["application/x-ndjson"])
  expect(rebuild?.parameters.map(({ name }) => name)).toEqual(parameters)
  expect(rebuild?.description).toMatch(/^[A-Z].*\.$/)
})

it.each(methods.filter((each) => each.method !== "get" && !isRebuild(each)))(
  "$name takes a body of JSON, or lines of it, and says in words what it does",
  ({ path, operation }) => {
    const type = path.endsWith("import") ? "application/x-ndjson" : "application/json"
    expect(Object.keys(operation.requestBody?.content ?? {})).toEqual([type])
    expect(operation.description).toMatch(/^[A-Z].*\.$/)
  },
)

it("all names are in snake_case, but those of headers", () => {
  const names = methods.flatMap(({ operation }) =>
    operation.parameters.flatMap((each) => (each.in === "header" ? [] : [each.name])),
  )
  const text = JSON.stringify([paths, components])
  const properties = [...text.matchAll(/"properties":\{"(\w+)"/g)].map(([, name]) => name)
  for (const name of [...names, ...properties]) expect(name).toMatch(/^[a-z_]+$/)
})
