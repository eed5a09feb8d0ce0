import { describe, expect, it } from "vitest"
import * as HostNames from "../src/access/HostNames.ts"

const names = HostNames.of(["shop.example", ".inner.example", "[fe80::1]"])

describe("a Host header", () => {
  it.each([
    "localhost",
    "LOCALHOST:8000",
    "localhost.:8000",
    "a.localhost:1",
    "127.0.0.1:8000",
    "127.9.9.9",
    "[::1]:8000",
    "shop.example",
    "Shop.Example:443",
    "inner.example",
    "a.b.inner.example:8000",
    "[fe80::1]:8000",
  ])("%s names this server", (host) => {
    expect(names.isOwn(host)).toBe(true)
  })

  it.each([
    undefined,
    "",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil-localhost",
    "evillocalhost",
    "shop.example.evil",
    "www.shop.example",
    "evilinner.example",
    "evil@localhost",
    "localhost/evil",
    "localhost evil",
    "192.168.1.7:8000",
    "0.0.0.0:8000",
  ])("%s does not", (host) => {
    expect(names.isOwn(host)).toBe(false)
  })

  it("may be any where any is allowed", () => {
    const any = HostNames.of(["*"])
    expect([any.isOwn("evil.example"), any.isOwn("")]).toEqual([true, false])
  })
})

describe("a page", () => {
  it.each([
    ["http://127.0.0.1:8000", "127.0.0.1:8000"],
    ["http://localhost:8000", "LOCALHOST:8000"],
    ["https://shop.example", "127.0.0.1:8000"],
    ["https://a.inner.example:444", "127.0.0.1:8000"],
  ])("of %s is this server's at %s", (origin, host) => {
    expect(names.isOwnPage(origin, host)).toBe(true)
  })

  it.each([
    ["http://localhost:3000", "localhost:8000"],
    ["http://127.0.0.1:8000", "localhost:8000"],
    ["http://evil.example", "localhost:8000"],
    ["null", "localhost:8000"],
    ["", "localhost:8000"],
    ["file://", "localhost:8000"],
    ["http://shop.example@evil.example", "localhost:8000"],
  ])("of %s is not at %s", (origin, host) => {
    expect(names.isOwnPage(origin, host)).toBe(false)
  })
})

it("a name that is allowed is a host, all below one, or any", () => {
  const good = ["shop.example", ".shop.example", "*", "localhost", "10.0.0.1", "[::1]"]
  const bad = ["", ".", "*.shop.example", "http://shop.example", "shop.example:80", "a b", "a..b"]
  expect(good.filter(HostNames.isPattern)).toEqual(good)
  expect(bad.filter(HostNames.isPattern)).toEqual([])
})
