import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { NotReached } from "@onymous/persons/reading/Freshness"
import { EventLogError } from "@onymous/log/EventLog"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { InvalidInput, Onymous, OnymousError } from "onymous"
import { errorOf } from "../src/errors/ErrorOf.ts"

let directory = ""
let onymous: Onymous
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "onymous-errors-"))
  onymous = await Onymous.open({ database: directory, policy: { buffer_enabled: false } })
  await onymous.identify({ distinctId: "alice", anonymousId: "phone" })
})
afterAll(async () => {
  await onymous.close()
  rmSync(directory, { recursive: true, force: true })
})

/** The error with which a promise rejects. */
const errorIn = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "nothing was rejected",
    (error: unknown) => error,
  )

const unknown = "00000000-0000-4000-8000-0000000000ff"
const because = { by: "ann", reason: "a slip" }

const rejected: ReadonlyArray<readonly [string, () => Promise<unknown>, object]> = [
  [
    "a misspelt field",
    () => onymous.persons({ limit: 0 }),
    { code: "invalid_input", field: "limit" },
  ],
  ...[
    { in: { executeSql: async () => ({ rows: [] }) } },
    { in: { executeSql: async () => ({ rows: [] }) }, order: "outbox" as const },
    { in: Object.assign({}) },
  ].map(
    (options) =>
      [
        "a transaction of somebody else in an embedded database, or none at all",
        () => onymous.capture({ distinctId: "a", event: "e" }, Object.assign(options)),
        { code: "invalid_input", field: "in" },
      ] as const,
  ),
  [
    "an order of appends without a transaction",
    () => onymous.captureAll([{ distinctId: "a", event: "e" }], Object.assign({ order: "outbox" })),
    { code: "invalid_input", field: "order" },
  ],
  [
    "a cursor that no page gave",
    () => onymous.persons({ cursor: "x" }),
    { code: "invalid_input", field: "cursor" },
  ],
  [
    "a point in no form",
    () => onymous.person("a", { at: "yesterday" }),
    { code: "invalid_input", field: "at" },
  ],
  [
    "a position past the end",
    () => onymous.person("a", { at: 999 }),
    { code: "unknown_point", field: "at" },
  ],
  [
    "an unknown uuid",
    () => onymous.diff({ from: unknown }),
    { code: "unknown_point", field: "from" },
  ],
  [
    "an event that there is not",
    () => onymous.whatIf({ without: [unknown] }),
    { code: "unknown_point", field: "without" },
  ],
  [
    "an act that cannot be done",
    () => onymous.retract({ eventUuid: unknown, ...because }),
    { code: "refused", field: "eventUuid" },
  ],
  [
    "a split that keeps nobody",
    () => onymous.split({ distinctId: "alice", mainDistinctId: "bob" }),
    { code: "refused", field: "mainDistinctId" },
  ],
  [
    "an act on nobody",
    () => onymous.deletePerson({ distinctId: "nobody" }),
    { code: "not_found", field: "distinctId" },
  ],
  ["a directory in use", () => Onymous.open({ database: directory }), { code: "in_use" }],
  [
    "a database in no form",
    () => Onymous.open({ database: "mysql://a/b" }),
    { code: "invalid_input", field: "database" },
  ],
]

it.each(rejected)(
  "%s is told by a code, and by the field that is to blame",
  async (_, call, told) => {
    const error = await errorIn(call())
    expect(error).toBeInstanceOf(OnymousError)
    expect(error).toMatchObject({
      isRetryable: false,
      message: expect.stringMatching(/\w/),
      ...told,
    })
  },
)

it("a call of what was closed is told by its code", async () => {
  const closed = await Onymous.open({ database: "memory" })
  await closed.close()
  expect(await errorIn(closed.person("a"))).toMatchObject({ code: "closed", isRetryable: false })
})

it("an error says whether the same call may succeed later, and when", () => {
  const overloaded = new EventLogError({ reason: { _tag: "Overloaded", retryAfterSeconds: 2 } })
  expect(errorOf(overloaded)).toMatchObject({
    code: "overloaded",
    isRetryable: true,
    retryAfterSeconds: 2,
  })
  const position = { position: Position(2), checkpoint: Position(1) }
  const late = new NotReached({ project: ProjectId("1"), ...position })
  expect(errorOf(late)).toMatchObject({ code: "not_reached", isRetryable: true })
})

it("as JSON, an error has its code and its field, and not its cause", () => {
  const secret = new Error("password=hunter2")
  const error = errorOf(new EventLogError({ reason: { _tag: "Overloaded", retryAfterSeconds: 1 } }))
  expect(error.cause).toBeInstanceOf(EventLogError)
  expect(Object.keys(JSON.parse(JSON.stringify(error)))).not.toContain("cause")
  const unexpected = new OnymousError({ code: "failed", message: "It failed.", cause: secret })
  expect(JSON.parse(JSON.stringify(unexpected))).toEqual({
    code: "failed",
    message: "It failed.",
    isRetryable: false,
  })
  expect(JSON.parse(JSON.stringify(new InvalidInput({ field: "at", expected: "a date" })))).toEqual(
    {
      code: "invalid_input",
      message: "at: expected a date",
      isRetryable: false,
      field: "at",
      expected: "a date",
    },
  )
})
