import { expect, it } from "vitest"
import { Shop } from "../example/shop.ts"

it("the example: a cookie's visits are the customer's, and a shared device is told", async () => {
  const shop = await Shop.open("memory")
  await shop.visit("cookie-1", "/prices")
  await shop.logIn("alice", "cookie-1")
  await shop.buy("alice", "pro")
  expect(await shop.visitor("cookie-1")).toEqual({ ids: ["alice", "cookie-1"], plan: "pro" })
  await shop.visit("cookie-2", "/")
  expect(await shop.visitor("cookie-2")).toEqual({ ids: ["cookie-2"], plan: "none" })
  await shop.buy("bob", "basic")
  await shop.logIn("bob", "cookie-1")
  expect(await shop.visitor("cookie-1")).toEqual({ ids: ["alice", "cookie-1"], plan: "pro" })
  expect(await shop.suspicious()).toEqual(["cannot_merge_already_identified at 7"])
  await shop.close()
})
