import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import { InvalidInput, NotRebuilt, Onymous, type RebuildProgress } from "onymous"

describe("a rebuild by the library", () => {
  let directory = ""
  let onymous: Onymous
  const open = async () => {
    onymous = await Onymous.open({ database: directory })
  }
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "onymous-rebuilding-"))
    await open()
    await onymous.identify({ distinctId: "alice", anonymousId: "phone", set: { plan: "pro" } })
    await onymous.identify({ distinctId: "bob", anonymousId: "tablet" })
    await onymous.person("bob")
  })
  afterAll(async () => {
    await onymous.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Works on the database while Onymous is closed, because a directory has one owner at a time. */
  const between = async <A, E>(work: (sql: Sql) => Effect.Effect<A, E>) => {
    await onymous.close()
    const answer = await Effect.runPromise(
      Effect.provide(Effect.flatMap(SchemaClient, work), Database.layer(directory)),
    )
    await open()
    return answer
  }

  it("tells its steps, how both compare, and what it came to", async () => {
    const steps: Array<RebuildProgress> = []
    const outcome = await onymous.rebuild({ onProgress: (step) => steps.push(step) })
    expect(outcome).toEqual({
      position: 2,
      stateHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      comparison: { position: 2, isSame: true, persons: [] },
      isPublished: true,
    })
    expect(steps.at(-1)).toMatchObject({ position: 2, head: 2, outcome: { isPublished: true } })
    const compared = steps.find(({ comparison }) => comparison !== undefined)
    expect(compared).toMatchObject({
      phase: "comparing",
      comparison: { position: 2, isSame: true },
    })
    expect(compared?.outcome).toBeUndefined()
    const phases = [...new Set(steps.map(({ phase }) => phase))]
    expect(phases).toEqual(["deriving", "indexing", "comparing", "publishing"])
  })

  it("that only verifies names who differs, and leaves what is live to one that does not", async () => {
    const before = await onymous.person("alice")
    await between((sql) =>
      Effect.andThen(
        sql`update ${sql.ours("persons")} p set version = p.version + 7 from ${sql.ours("checkpoints")} c where c.is_live
          and c.edition = p.edition and p.person_id = ${before?.id} and p.to_position is null`,
        sql`update ${sql.ours("checkpoints")} set state_hash = ${"0".repeat(32)}`,
      ),
    )
    const tampered = await onymous.person("alice")
    expect(tampered?.version).toBe((before?.version ?? Number.NaN) + 7)
    const comparison = { position: 2, isSame: false, persons: [before?.id] }
    const verified = await onymous.rebuild({ verifyOnly: true })
    expect(verified).toMatchObject({ position: 2, comparison, isPublished: false })
    expect(await onymous.person("alice")).toEqual(tampered)
    const rebuilt = await onymous.rebuild()
    expect(rebuilt).toEqual({ ...verified, isPublished: true, comparison })
    expect(await onymous.person("alice")).toEqual(before)
  })

  it("that is aborted rejects with the reason, and leaves nothing in the making", async () => {
    const reason = new Error("somebody changed their mind")
    const aborting = new AbortController()
    const steps: Array<RebuildProgress> = []
    const onProgress = (step: RebuildProgress) => {
      steps.push(step)
      aborting.abort(reason)
    }
    const { signal } = aborting
    await expect(onymous.rebuild({ signal, onProgress })).rejects.toBe(reason)
    expect(steps).toHaveLength(1)
    await expect(onymous.rebuild({ signal, onProgress })).rejects.toBe(reason)
    expect(steps, "one that is aborted before it begins tells nothing").toHaveLength(1)
    const made = await between(
      (sql) => sql`select edition from ${sql.ours("checkpoints")} where not is_live`,
    )
    expect(made).toEqual([])
    expect(await onymous.rebuild()).toMatchObject({
      comparison: { position: 2, isSame: true },
      isPublished: true,
    })
  })

  it("that is aborted once it has taken its place tells what it came to", async () => {
    const aborting = new AbortController()
    const onProgress = ({ outcome }: RebuildProgress) => {
      if (outcome !== undefined) aborting.abort()
    }
    const rebuilt = await onymous.rebuild({ signal: aborting.signal, onProgress })
    expect(rebuilt.isPublished).toBe(true)
  })

  it("of all projects does one after the other, and tells whose each step is", async () => {
    await onymous.close()
    const another = await Onymous.open({ database: directory, project: "second" })
    await another.identify({ distinctId: "carol", anonymousId: "phone" })
    await another.person("carol")
    await another.close()
    await open()
    const steps: Array<string> = []
    const outcomes = await onymous.rebuildAll({ onProgress: ({ project }) => steps.push(project) })
    expect(outcomes).toMatchObject([
      { project: "1", position: 2, comparison: { isSame: true }, isPublished: true },
      { project: "second", position: 1, comparison: { isSame: true }, isPublished: true },
    ])
    expect([...new Set(steps)]).toEqual(["1", "second"])
    const compared = await onymous.rebuildAll({ verifyOnly: true })
    expect(compared).toEqual(
      outcomes.map(({ comparison, ...outcome }) => ({
        ...outcome,
        comparison: { ...comparison, tables: [] },
        isPublished: false,
      })),
    )
    const input = { memory: 64, verify_only: true }
    await expect(onymous.rebuildAll(input)).rejects.toMatchObject({ field: "verify_only" })
  })

  it("of all projects ends with what its teller throws, and blames no project", async () => {
    const error = new Error("a bug of the caller")
    const told: Array<string> = []
    const onProgress = ({ project }: { readonly project: string }) => {
      told.push(project)
      throw error
    }
    await expect(onymous.rebuildAll({ onProgress })).rejects.toBe(error)
    expect(told).toEqual(["1"])
  })

  it("of all projects that is aborted once the last has taken its place tells what it came to", async () => {
    const aborting = new AbortController()
    const onProgress = ({ project, outcome }: RebuildProgress & { readonly project: string }) => {
      if (project === "second" && outcome !== undefined) aborting.abort()
    }
    const rebuilt = await onymous.rebuildAll({ signal: aborting.signal, onProgress })
    expect(rebuilt).toMatchObject([{ isPublished: true }, { isPublished: true }])
  })

  it("that only compares waits until there is something to compare with", async () => {
    const fresh = await Onymous.open({ database: "memory" })
    await fresh.identify({ distinctId: "dave", anonymousId: "phone" })
    const compared = await fresh.rebuildAll({ verifyOnly: true })
    expect(compared).toMatchObject([{ position: 1, comparison: { position: 1, isSame: true } }])
    await fresh.close()
  })

  it("of all projects goes on where one fails, and then rejects with both", async () => {
    await between((sql) =>
      Effect.andThen(
        sql`create function refuse() returns trigger language plpgsql as
          $$ begin raise exception 'project 1 may not be rebuilt'; end $$`,
        sql`create trigger refused before insert on ${sql.ours("checkpoints")} for each row
          when (new.project_id = '1') execute function refuse()`,
      ),
    )
    const refused = await onymous.rebuildAll().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(NotRebuilt)
    expect(refused).toMatchObject({
      message: "Of 2 projects, these are not derived anew: 1.",
      failed: [{ project: "1", error: { message: expect.stringContaining("may not be rebuilt") } }],
      outcomes: [{ project: "second", isPublished: true }],
    })
    await between((sql) => sql`drop trigger refused on ${sql.ours("checkpoints")}`)
  })

  it("of all projects that is aborted rejects with the reason, and begins no other", async () => {
    const reason = new Error("somebody changed their mind")
    const aborting = new AbortController()
    const steps: Array<string> = []
    const onProgress = ({ project }: { readonly project: string }) => {
      steps.push(project)
      aborting.abort(reason)
    }
    const { signal } = aborting
    await expect(onymous.rebuildAll({ signal, onProgress })).rejects.toBe(reason)
    expect(steps).toEqual(["1"])
  })

  it("refuses what is misspelt: it must not replace where it was to compare", async () => {
    const input = { memory: 64, verify_only: true }
    await expect(onymous.rebuild(input)).rejects.toMatchObject({ field: "verify_only" })
    const unclear: object = { verifyOnly: "yes" }
    await expect(onymous.rebuild(unclear)).rejects.toMatchObject({ field: "verifyOnly" })
    const hard: object = { gentle: 1 }
    await expect(onymous.rebuild(hard)).rejects.toMatchObject({
      field: "gentle",
      expected: "true or false",
    })
  })

  it("within little memory, or gentle, comes to the same, and without any memory is refused", async () => {
    const { stateHash } = await onymous.rebuild({ verifyOnly: true })
    expect(await onymous.rebuild({ memory: 1 })).toMatchObject({ stateHash, isPublished: true })
    expect(await onymous.rebuild({ gentle: true })).toMatchObject({ stateHash, isPublished: true })
    for (const memory of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const refusal = await onymous.rebuild({ memory }).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(InvalidInput)
      expect(refusal).toMatchObject({
        field: "memory",
        expected: expect.stringMatching(/^1 to \d+, in MiB$/),
      })
    }
  })

  it("mends a project whose log was wound back; until then it says so, alone", async () => {
    await between(
      (sql) =>
        sql`with gone as (delete from onymous.events where project_id = '1' and position > 1)
        update onymous.projects set position = 1,
          seal = (select seal from onymous.events where project_id = '1' and position = 1)
        where id = '1'`,
    )
    const woundBack = /The log of project 1 was wound back: at position 2.*"onymous rebuild/
    const carl = { distinctId: "carl", event: "taken all the same" }
    expect(await onymous.capture(carl)).toMatchObject({ position: 2 })
    expect(await onymous.capture(carl)).toMatchObject({ position: 3 })
    await expect(onymous.person("carl")).rejects.toMatchObject({
      code: "stopped",
      message: expect.stringMatching(woundBack),
    })
    await onymous.close()
    const again = await Onymous.open({ database: directory })
    await again.capture(carl)
    await expect(again.policy()).rejects.toThrow(woundBack)
    await again.close()
    const other = await Onymous.open({ database: directory, project: "another" })
    await other.identify({ distinctId: "dora", anonymousId: "desk" })
    expect((await other.person("desk"))?.distinctIds).toEqual(["desk", "dora"])
    await other.close()
    await open()
    await onymous.rebuild()
    expect((await onymous.person("phone"))?.distinctIds).toEqual(["alice", "phone"])
    expect(await onymous.person("tablet")).toBeUndefined()
    expect(await onymous.verify()).toMatchObject({ isOk: true, position: 4 })
  })
})
