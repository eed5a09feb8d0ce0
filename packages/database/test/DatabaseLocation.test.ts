import { describe, expect, it } from "@effect/vitest"
import { Redacted, Result } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { expected, read, publicText } from "../src/DatabaseLocation.ts"

const understood = (given: unknown) => Result.getOrThrow(read(given))

const refusalOf = (given: unknown): string => {
  const found = read(given)
  return Result.isFailure(found) ? found.failure.message : `understood: ${JSON.stringify(found)}`
}

const serverOf = (url: string) => {
  const location = understood(url)
  if (location._tag !== "Server") throw new Error(`${url} is a ${location._tag}.`)
  return location.server
}

describe("where a database is", () => {
  it.each(["memory", ":memory:", " memory "])("%j is gone with the process", (given) => {
    expect(understood(given)).toEqual({ _tag: "Memory" })
  })

  it.each(["here", "./data", "/var/lib/onymous", "C:\\data", "with space"])(
    "%j is a directory",
    (given) => {
      expect(understood(given)).toEqual({ _tag: "Directory", path: resolve(given) })
    },
  )

  it.each([
    "postgres://app:secret@db.example:6432/shop",
    "postgresql://app:secret@db.example:6432/shop",
    "Postgres://app:secret@db.example:6432/shop",
    " POSTGRESQL://app:secret@db.example:6432/shop\n",
  ])("%j is a server, told without its user info", (given) => {
    expect(publicText(understood(given))).toBe("Postgres at db.example:6432/shop")
  })

  it.each([
    "",
    "  ",
    "a\0b",
    undefined,
    null,
    7,
    {},
    "mysql://h/d",
    "https://h/d",
    "sqlite://x",
    "file:///x",
    '"postgres://h/d"',
    "'postgres://h/d'",
    '"here"',
    "postgres:/h/d",
    "host=localhost password=hunter2",
  ])("%j is refused before anything is opened", (given) => {
    expect(refusalOf(given)).toContain(`database: expected ${expected}`)
  })
})

describe("the user info of a URL", () => {
  const secrets = [
    "hunter2",
    "pass/hunter2",
    "pass#hunter2",
    "pass?hunter2",
    "12/hunter2",
    "12#hunter2",
  ]

  it.each([
    ...secrets.map((password) => `postgres://app:${password}@db.example/shop`),
    ...secrets.map((password) => `postgres://${password}@db.example/shop`),
    "postgres://app:12?hunter2@db.example/shop",
    "postgres://app:12?x?hunter2@db.example/shop",
    "postgres://app:12@x?hunter2@db.example/shop",
    "postgres://app:%E0%A4hunter2@db.example/shop",
    "postgres://app:hunter2@[db/shop",
    "postgres://app:hunter2@db.example/shop?sslmode=hunter",
    "postgres://app:hunter2@db.example/shop?nonsense=1",
    "postgres://app:hunter2@db.example/shop?sslrootcert=/nowhere",
    'postgres://app:"hunter2"@db.example/shop',
  ])("is in no message: %s", (url) => {
    const found = read(url)
    const text = Result.isFailure(found)
      ? `${found.failure.message} ${JSON.stringify(found.failure)}`
      : publicText(found.success)
    expect(text).not.toContain("hunter2")
    expect(text).not.toMatch(/\bapp\b/)
  })

  it("is refused with how it is escaped, where it is not", () => {
    for (const url of [
      "postgres://app:p/w@h/d",
      "postgres://app:1/w@h/d",
      "postgres://a:1#w@h/d",
      "postgres://app:a@b?sec=ret@h/d",
    ]) {
      expect(refusalOf(url)).toContain("%2F for /")
    }
  })

  it("is refused with an escape that is none", () => {
    for (const url of ["postgres://app:sE%cr3t@h/d", "postgres://a%zz@h/d", "postgres://h/d%zz"]) {
      expect(refusalOf(url)).toContain("%25 for %")
    }
  })

  it("is understood where it is escaped, or where an @ alone is not", () => {
    const url = Redacted.value(serverOf("postgres://app:a%2Fb@c%23@h/d").url)
    expect(decodeURIComponent(new URL(url).password)).toBe("a/b@c#")
  })
})

describe("the parameters of a URL", () => {
  const server = (query: string) => serverOf(`postgres://app@h/d?${query}`)
  const ca = join(mkdtempSync(join(tmpdir(), "onymous-ca-")), "ca.pem")
  writeFileSync(ca, "a certificate")

  it("encrypt as libpq does", () => {
    expect(server("")).toMatchObject({ isOptional: true, ssl: { rejectUnauthorized: false } })
    expect(server("sslmode=disable").ssl).toBe(false)
    expect(server("sslmode=prefer")).toMatchObject({
      isOptional: true,
      ssl: { rejectUnauthorized: false },
    })
    expect(server("sslmode=require")).toMatchObject({
      isOptional: false,
      ssl: { rejectUnauthorized: false },
    })
    expect(server("sslmode=verify-ca").ssl).toMatchObject({
      rejectUnauthorized: true,
      checkServerIdentity: expect.any(Function),
    })
    expect(server("sslmode=verify-full").ssl).toEqual({ rejectUnauthorized: true })
  })

  it("name a certificate of whom the server's is checked against, also with require", () => {
    const full = server(`sslmode=verify-full&sslrootcert=${ca}`)
    expect(full.ssl).toMatchObject({ rejectUnauthorized: true, ca: Buffer.from("a certificate") })
    expect(server(`sslmode=require&sslrootcert=${ca}`).ssl).toMatchObject({
      rejectUnauthorized: true,
    })
    expect(refusalOf("postgres://h/d?sslmode=verify-ca&sslrootcert=/nowhere")).toBe(
      "database: sslrootcert: expected a file that can be read, not /nowhere",
    )
  })

  it.each([
    "sslmode=no-verify",
    "sslmode=allow",
    "sslmode=",
    "ssl=true",
    "channel_binding=require",
  ])("are refused by name where they are not understood: %s", (query) => {
    expect(refusalOf(`postgres://h/d?${query}`)).toMatch(
      new RegExp(`^database: ${query.split("=")[0]}: expected `),
    )
  })

  it.each([
    ["sslmode=prefer&sslmode=require", "sslmode: expected it once"],
    ["host=a&host=b", "host: expected it once"],
    ["host=a,b", "host: expected one host"],
    ["port=0", "port: expected a port"],
    ["port=abc", "port: expected a port"],
    ["connect_timeout=-1", "connect_timeout: expected a whole number of seconds"],
    ["connect_timeout=soon", "connect_timeout: expected a whole number of seconds"],
  ])("are refused by name where they are there twice, or mean nothing: %s", (query, words) => {
    expect(refusalOf(`postgres://h/d?${query}`)).toContain(`database: ${words}`)
  })

  it("may say when to give up a connection", () => {
    expect(server("connect_timeout=0&port=5433").address).toBe("h/d")
  })
})

describe("the host and the port of a URL", () => {
  it.each([
    ["a,b", "host"],
    ["a:1,b:2", "host"],
    ["[::1", "host"],
    ["::1]", "host"],
    ["::1", "host"],
    ["h:99999", "port"],
    ["h:abc", "port"],
    ["h:0", "port"],
    ["[::1]:0", "port"],
  ])("are refused by name: %s", (place, name) => {
    for (const url of [`postgres://${place}/d`, `postgres://app:hunter2@${place}/d`]) {
      expect(refusalOf(url)).toMatch(new RegExp(`^database: ${name}: expected `))
      expect(refusalOf(url)).not.toContain("hunter2")
    }
  })

  it.each(["h", "h:", "h:5433", "[::1]", "[::1]:5433", "shop_db.local", ""])(
    "are understood: %s",
    (place) => {
      expect(refusalOf(`postgres://${place}/d`)).toMatch(/^understood/)
    },
  )

  it("have no fragment behind them", () => {
    expect(refusalOf("postgres://app:hunter2@h/d#x")).toMatch(/^database: #: expected /)
  })
})
