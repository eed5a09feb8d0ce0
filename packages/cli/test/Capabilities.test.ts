import { Cause } from "effect"
import { OpenApi } from "effect/http-api"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Api } from "@onymous/api/Api"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLogError } from "@onymous/log/EventLog"
import { OperationRefused } from "@onymous/log/OperationRefused"
import { PersonsError } from "@onymous/persons/PersonsError"
import { NotReached } from "@onymous/persons/reading/Freshness"
import { TooLong } from "@onymous/timetravel/history/HistorySource"
import { PersonNotFound } from "@onymous/projector/OperatorActions"
import * as ApiFailure from "@onymous/server/http/ApiFailure"
import { NotUnderstood } from "@onymous/timetravel/history/Point"
import { type ErrorCode, Onymous } from "onymous"
import { errorOf } from "onymous/errors/ErrorOf"
import { ofAnswer } from "../src/asking/AskingError.ts"
import { exitCodeOf } from "../src/CommandError.ts"
import { commands } from "../src/CommandList.ts"
import { onymous } from "./InProcess.ts"

const page = readFileSync(resolve(import.meta.dirname, "../../onymous/CAPABILITIES.md"), "utf8")

/** The rows of the table under a heading, each with its cells. */
const rowsUnder = (heading: string): ReadonlyArray<ReadonlyArray<string>> => {
  const [, section = ""] = page.split(`\n## ${heading}\n`)
  const lines = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"))
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

const spansOf = (cell = ""): ReadonlyArray<string> =>
  cell.startsWith("none: ") ? [] : [...cell.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span)

const capabilities = rowsUnder("Capabilities").map(([name = "", ...cells]) => ({
  name,
  cells: cells.slice(0, 3),
  library: spansOf(cells[0]),
  commandLine: spansOf(cells[1]),
  http: spansOf(cells[2]),
  errors: spansOf(cells[3]),
}))

const codes = rowsUnder("Errors").map((cells) => {
  const [code = "", library = "", http = "", exit = "", later = ""] = cells
  return {
    code: spansOf(code)[0] ?? "",
    library,
    http,
    exit: Number(exit),
    isRetryable: later === "yes",
  }
})

const sorted = (names: Iterable<string>): ReadonlyArray<string> => [...new Set(names)].toSorted()

it("a capability has a name at each door, or says why it has none", () => {
  expect(capabilities.length).toBeGreaterThan(30)
  for (const { name, cells } of capabilities) {
    for (const cell of cells) expect(cell, name).toMatch(/^(?:`|none: \S)/)
  }
})

describe("the library", () => {
  let onymous: Onymous
  beforeAll(async () => {
    onymous = await Onymous.open({ database: "memory" })
  })
  afterAll(() => onymous.close())

  const calls = capabilities.flatMap(({ library }) => library)
  const ofAllCalls = new Set(["signal", "timeout", "minPosition"])

  it("has the methods of the page, and no others", () => {
    const methods = Object.getOwnPropertyNames(Onymous.prototype)
    const named = calls.map((call) => call.replace(/\(.*/s, ""))
    expect(sorted(named)).toEqual(
      sorted([
        "open",
        "[Symbol.asyncDispose]",
        ...methods.filter((name) => name !== "constructor"),
      ]),
    )
  })

  it.each(calls.filter((call) => call.includes("{")))(
    "%s takes these fields, and no others",
    async (call) => {
      const [, name = "", before = "", fields = ""] = /^(\w+)\((.*)\{ (.*) \}\)$/.exec(call) ?? []
      const first = before.split(", ").filter((each) => each !== "")
      const target = name === "open" ? Onymous : onymous
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== "function") throw new Error(`There is no method ${name}.`)
      const required = name === "open" ? { database: "memory" } : {}
      const given = [...first, { ...required, notAField: 1 }]
      const refused = await (async () => Reflect.apply(method, target, given))().then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(refused).toMatchObject({ code: "invalid_input", field: "notAField" })
      const { expected } = Object(refused)
      const names = String(expected).replace(/^(?:none but|one of) /, "")
      const own = (all: string) => all.split(", ").filter((name) => !ofAllCalls.has(name))
      expect(sorted(own(names))).toEqual(sorted(own(fields)))
    },
  )
})

describe("the command line", () => {
  /** Flags that many commands have: where to ask, and how to print. */
  const everywhere =
    "url key database-url data-dir schema connections statement-timeout project json file preset strict help version"
  const many = new Set(everywhere.split(" ").map((name) => `--${name}`))

  const lines = capabilities.flatMap(({ commandLine }) => commandLine)
  const wordsOf = (line: string) => /^[a-z-]+(?: [a-z]+)?(?= |$)/.exec(line)?.[0] ?? ""

  it("has the commands of the page, and no others", async () => {
    const all = await Promise.all(
      commands.map(async ({ name, load }) => {
        const { subcommands } = await load()
        const names = subcommands.flatMap((group) => group.commands.map((each) => each.name))
        // `person` does nothing by itself, and `keys` lists.
        return [...(name === "person" ? [] : [name]), ...names.map((each) => `${name} ${each}`)]
      }),
    )
    expect(sorted(lines.map(wordsOf))).toEqual(sorted(all.flat()))
  })

  it("has the flags of the page, and no others", async () => {
    for (const [command, named] of Map.groupBy(lines, wordsOf)) {
      const { stdout } = await onymous([...command.split(" "), "--help"])
      const shown = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag = ""]) => flag)
      const told = named.flatMap((line) => line.match(/--[a-z-]+/g) ?? [])
      expect(sorted(told), command).toEqual(sorted(shown.filter((flag) => !many.has(flag))))
    }
  })
})

describe("the API", () => {
  const document: unknown = JSON.parse(JSON.stringify(OpenApi.fromApi(Api)))
  const { paths, components } = Object(document)

  const endpoints = Object.entries(Object(paths)).flatMap(([path, methods]) =>
    Object.entries(Object(methods)).map(([method, operation]) => {
      const { parameters = [], responses } = Object(operation)
      const query: ReadonlyArray<string> = parameters.flatMap(
        (each: { readonly in: string; readonly name: string }) =>
          each.in === "query" && each.name !== "min_position" ? [each.name] : [],
      )
      const short = path.replace("/api/projects/{project}", "…")
      return { name: `${method.toUpperCase()} ${short}`, query, responses: Object(responses) }
    }),
  )

  /** The doors of capture, which speak PostHog's protocol and are no part of the document. */
  const doors = readFileSync(
    resolve(import.meta.dirname, "../../server/src/capture/Capture.ts"),
    "utf8",
  ).matchAll(/\{ path: "([^"]+)"/g)
  const captures = [...doors].map(([, path = ""]) => `POST ${path}`)

  /** The codes of the errors of an endpoint, each with its status. */
  const errorsOf = (responses: object): ReadonlyArray<string> =>
    Object.entries(responses).flatMap(([status, { content }]) =>
      Object.values(Object(content)).flatMap((media) => {
        const schema = Object(Object(media).schema)
        // Errors of one status share their answer.
        const shapes: ReadonlyArray<object> = schema.anyOf ?? [schema]
        return shapes.flatMap((shape) => {
          const { $ref = "" } = Object(shape)
          const { properties } = Object(components.schemas[String($ref).split("/").at(-1) ?? ""])
          const { enum: found = [] } = Object(Object(properties).code)
          return found.map((code: string) => `${status} ${code}`)
        })
      }),
    )

  it("has the endpoints of the page, each with its parameters, and no others", () => {
    const told = Map.groupBy(
      capabilities.flatMap(({ http }) => http),
      (span) => span.replace(/\?.*/, ""),
    )
    // Several rows may share an endpoint, and each names the parameters that it is about.
    const parsed = [...told].map(([name, spans]) => {
      const queries = spans.flatMap((span) => span.split("?")[1]?.split("&") ?? [])
      return [name, ...sorted(queries)].join(" ")
    })
    const there = endpoints.map(({ name, query }) => [name, ...query.toSorted()].join(" "))
    expect(sorted(parsed)).toEqual(sorted([...there, ...captures]))
  })

  it("has the codes of the page, each with its status, and no others", () => {
    const told = codes.flatMap(({ code, http }) => (/^\d+$/.test(http) ? [`${http} ${code}`] : []))
    expect(sorted(told)).toEqual(sorted(endpoints.flatMap(({ responses }) => errorsOf(responses))))
    const lines = JSON.stringify(
      endpoints.find(({ name }) => name.endsWith("…/rebuild"))?.responses,
    )
    for (const { code, http } of codes) {
      if (http.startsWith("the last line")) expect(lines).toContain(`"${code}"`)
    }
  })

  it("answers a capability with the errors of its own, where they are not those of other doors", () => {
    const known = new Map(codes.map((each) => [each.code, each]))
    for (const { name, http, errors } of capabilities) {
      const declared = endpoints
        .filter((endpoint) => http.some((span) => span.split("?")[0] === endpoint.name))
        .flatMap(({ responses }) => errorsOf(responses))
      for (const code of errors) {
        expect(known.has(code), `${name}: ${code}`).toBe(true)
        const status = known.get(code)?.http ?? ""
        if (declared.length > 0 && /^\d+$/.test(status)) {
          expect(declared, name).toContain(`${status} ${code}`)
        }
      }
    }
  })
})

describe("the errors", () => {
  // The compiler keeps this list complete.
  const ofLibrary: Readonly<Record<ErrorCode, true>> = {
    invalid_input: true,
    unknown_point: true,
    refused: true,
    not_found: true,
    not_reached: true,
    overloaded: true,
    log_busy: true,
    unavailable: true,
    stopped: true,
    wrong_log: true,
    too_long: true,
    being_made: true,
    ended: true,
    failed: true,
    not_migrated: true,
    not_rebuilt: true,
    timeout: true,
    in_use: true,
    denied: true,
    unusable: true,
    closed: true,
  }

  it("of the library are those of the page", () => {
    const told = codes.filter(({ library }) => library === "yes").map(({ code }) => code)
    expect(sorted(told)).toEqual(sorted(Object.keys(ofLibrary)))
  })

  const project = ProjectId("1")
  const field = { field: "at", expected: "a point" }
  const cause = new Error("down")
  const failures = [
    new NotUnderstood(field),
    new NotUnderstood({ ...field, isUnknown: true }),
    new OperationRefused(field),
    new PersonNotFound({ distinctId: DistinctId("nobody") }),
    new NotReached({ project, position: Position(2), checkpoint: Position(1) }),
    new TooLong({ head: Position(2), max: 1 }),
    new EventLogError({ reason: { _tag: "Overloaded", retryAfterSeconds: 1 } }),
    new EventLogError({ reason: { _tag: "Busy", cause } }),
    new EventLogError({ reason: { _tag: "Unavailable", cause } }),
    new EventLogError({ reason: { _tag: "OtherLog", project, expected: "a", found: "b" } }),
    new PersonsError({ reason: { _tag: "Unavailable", cause } }),
    new PersonsError({ reason: { _tag: "InvalidCursor", cursor: "x" } }),
    new PersonsError({ reason: { _tag: "Stopped", project, cause } }),
  ]

  it.each(failures.map((failure) => [errorOf(failure).code, failure] as const))(
    "%s has one code in the library and over HTTP, and the exit code of the page",
    (code, failure) => {
      const told = codes.find((each) => each.code === code)
      const overHttp =
        failure instanceof NotUnderstood || failure instanceof TooLong
          ? ApiFailure.ofPast(failure)
          : ApiFailure.ofOperation(failure)
      expect(overHttp.code).toBe(code)
      expect(errorOf(failure).isRetryable).toBe(told?.isRetryable)
      expect(exitCodeOf(Cause.fail(ofAnswer({})(failure)))).toBe(told?.exit)
    },
  )
})
