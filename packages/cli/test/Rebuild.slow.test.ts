import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe } from "vitest"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import { onymous } from "./InProcess.ts"

const identify = (project: string, user: string) =>
  JSON.stringify({
    event: "$identify",
    distinct_id: user,
    project,
    properties: { $anon_distinct_id: `${user}'s phone`, $set: { plan: "pro" } },
  })

const log = [identify("1", "alice"), identify("1", "bob"), identify("B", "carol")]

describe("rebuild", () => {
  let directory = ""
  const location = () => ["--data-dir", join(directory, "data")]
  const rebuild = (...flags: ReadonlyArray<string>) =>
    Effect.promise(() => onymous(["rebuild", ...flags, ...location()]))
  const inDatabase = <A, E>(work: (sql: Sql) => Effect.Effect<A, E>) =>
    Effect.suspend(() =>
      Effect.flatMap(SchemaClient, work).pipe(
        Effect.provide(Database.layer(join(directory, "data"))),
      ),
    )
  const imported = (lines: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const file = join(directory, "log.ndjson")
      writeFileSync(file, lines.join("\n"))
      const { code, stderr } = yield* Effect.promise(() => onymous(["import", file, ...location()]))
      expect(code, stderr).toBe(0)
    })

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "onymous-rebuild-"))
    await Effect.runPromise(imported(log))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  /** All editions, and the persons of those that are live. */
  const there = inDatabase((sql) =>
    Effect.all([
      sql`select c::text as row from ${sql.ours("checkpoints")} c order by edition`,
      sql`select p::text as row from ${sql.ours("persons")} p join ${sql.ours("checkpoints")} c on c.edition = p.edition
        and c.is_live order by 1`,
    ]),
  )

  /** Which edition of each project is live. */
  const live = Effect.map(
    inDatabase(
      (sql) => sql<{ readonly project_id: string; readonly edition: number }>`
        select project_id, edition from ${sql.ours("checkpoints")} where is_live`,
    ),
    (rows) => new Map(rows.map((row) => [row.project_id, row.edition])),
  )

  /** Makes the live persons of a project differ from the log; answers with the id of one of them. */
  const tamper = (project: string) =>
    inDatabase((sql) =>
      Effect.gen(function* () {
        const [row] = yield* sql<{ readonly person_id: string }>`
          update ${sql.ours("persons")} p set version = p.version + 7 from ${sql.ours("checkpoints")} c
          where c.edition = p.edition and c.is_live and c.project_id = ${project}
          and to_position is null returning person_id`
        yield* sql`update ${sql.ours("checkpoints")} set state_hash = ${"0".repeat(32)}
          where project_id = ${project}`
        return row?.person_id ?? (yield* Effect.die("There is a person."))
      }),
    )

  it.live("--verify-only ends with 0 where all is as it should be, and leaves it so", () =>
    Effect.gen(function* () {
      const before = yield* there
      const { code, stdout } = yield* rebuild("--verify-only")
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringMatching(
          /^Project 1 was derived anew, and discarded, up to position 2: .* the same as before at position 2\.\n$/,
        ),
      })
      expect(yield* there).toEqual(before)
    }),
  )

  it.live(
    "--verify-only ends with 1 where it differs, says whose person, and leaves it to a rebuild",
    () =>
      Effect.gen(function* () {
        const person = yield* tamper("1")
        const before = yield* there
        const text = yield* rebuild("--verify-only")
        expect(text.code, text.stderr).toBe(1)
        expect(text.stdout).toContain(person)
        expect(text.stderr).toContain(person)
        expect(text.stderr).toContain("not what the log comes to, in project 1.\n")
        const json = yield* rebuild("--verify-only", "--all", "--json")
        expect(json.code, json.stderr).toBe(1)
        const told = json.stdout.trim().split("\n")
        expect(told.map((line): unknown => JSON.parse(line))).toMatchObject([
          { project: "1", published: false, same: false },
          { project: "B", published: false, same: true, differing_persons: [] },
        ])
        expect(told[0]).toContain(person)
        expect(json.stderr).toContain("not what the log comes to, in project 1.")
        expect(yield* there).toEqual(before)
        const { code, stdout, stderr } = yield* rebuild("--json")
        expect(code, stderr).toBe(0)
        expect(JSON.parse(stdout)).toMatchObject({ published: true, same: false })
        expect(stdout).toContain(person)
        expect(stderr).toContain(person)
      }),
  )

  it.live("--all does each project, and prints a line for each", () =>
    Effect.gen(function* () {
      const before = yield* live
      const { code, stdout, stderr } = yield* rebuild("--all")
      expect(code, stderr).toBe(0)
      expect(stdout.trim().split("\n")).toEqual([
        expect.stringContaining("Project 1 is rebuilt, up to position 2: state "),
        expect.stringContaining("Project B is rebuilt, up to position 1: state "),
      ])
      const after = yield* live
      for (const project of ["1", "B"]) {
        expect(after.get(project)).toBeGreaterThan(before.get(project) ?? Number.NaN)
      }
    }),
  )

  it.live("--json prints one line for each project, with these keys", () =>
    Effect.gen(function* () {
      const { stdout } = yield* rebuild("--all", "--json")
      const lines = stdout.trim().split("\n")
      expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
        [
          { project: "1", position: 2 },
          { project: "B", position: 1 },
        ].map(({ project, position }) => ({
          project,
          position,
          state_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
          published: true,
          compared_at: position,
          same: true,
          differing_persons: [],
        })),
      )
    }),
  )

  it.live("--memory that is out of range is refused by its name and range", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.forEach(
        ["0", "100000000"],
        (size) => rebuild("--memory", size),
        {
          concurrency: "unbounded",
        },
      )
      for (const { code, stderr } of refused) {
        expect(code).toBe(2)
        expect(stderr).toMatch(/--memory: .*1 to \d+/)
      }
    }),
  )

  it.live("what does not fit into --memory goes by pages, and comes to the same", () =>
    Effect.gen(function* () {
      yield* imported(Array.from({ length: 3000 }, (_, index) => identify("large", `u${index}`)))
      const small = ["--memory", "1", "--json"]
      const { code, stdout, stderr } = yield* rebuild("--project", "large", ...small)
      expect(code, stderr).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ position: 3000, published: true, same: true })
    }),
  )

  it.live("a project that there is not is told, with 3", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* rebuild("--project", "nobody's")
      expect({ code, stderr }).toEqual({ code: 3, stderr: "There is no project nobody's.\n" })
    }),
  )

  // The last test: from here on, the database refuses to rebuild project 1.
  it.live("--all goes on where a project fails, says which, and ends with 3", () =>
    Effect.gen(function* () {
      yield* inDatabase((sql) =>
        Effect.andThen(
          sql`create function refuse() returns trigger language plpgsql as
            $$ begin raise exception 'project 1 may not be rebuilt'; end $$`,
          sql`create trigger refused before insert on ${sql.ours("checkpoints")} for each row
            when (new.project_id = '1') execute function refuse()`,
        ),
      )
      const before = yield* live
      const { code, stdout, stderr } = yield* rebuild("--all")
      expect(code).toBe(3)
      expect(stdout).toMatch(/^Project B is rebuilt.*\nProject large is rebuilt.*\n$/)
      expect(stderr).toContain("Project 1 is not derived anew: ")
      expect(stderr).toMatch(/Of 3 projects, these are not derived anew: 1\.\n$/)
      const after = yield* live
      expect(after.get("1")).toBe(before.get("1"))
      expect(after.get("B")).toBeGreaterThan(before.get("B") ?? Number.NaN)
    }),
  )
})
