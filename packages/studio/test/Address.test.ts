import { describe, expect, it } from "@effect/vitest"
import { Address, read, start, write } from "../src/address/Address.ts"

const searchOf = (address: string): string => address.replace(/^\/\??/, "")

describe("an address", () => {
  it.prop("says all that the page shows, whatever the ids are", [Address], ([address]) => {
    expect(read(searchOf(write(address)))).toEqual({ address, dropped: [] })
  })

  it("keeps an id of any script", () => {
    const id = "<img src=x onerror=alert(1)>&?#=+ שלום-🌿-\u202eabc"
    const address = { ...start, id, with: "a b" }
    expect(read(searchOf(write(address))).address).toEqual(address)
  })

  it("leaves out what means nothing, names it, and keeps the rest", () => {
    const found = read("id=mia&at=-1&view=elsewhere&without=no-uuid&colour=red&vs=12")
    expect(found.address).toEqual({ ...start, id: "mia", vs: 12 })
    expect(found.dropped.toSorted()).toEqual(["at", "colour", "view", "without"])
  })

  it("says nothing that it would mean anyway", () => {
    expect(write(start)).toBe("/")
  })

  it("has positions alone for moments", () => {
    expect(read("at=2h%20ago").dropped).toEqual(["at"])
    expect(read("at=2026-11-27T17:30:00Z").dropped).toEqual(["at"])
    expect(read("at=0").dropped).toEqual(["at"])
  })
})
