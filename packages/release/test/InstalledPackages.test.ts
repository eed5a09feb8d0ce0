import { expect, it } from "vitest"
import * as InstalledPackages from "./InstalledPackages.ts"

it("a package brings what it depends on and its peers, by way of others too, but no optional ones", () => {
  const lock: InstalledPackages.Lock = {
    packages: {
      "node_modules/a": { dependencies: { b: "1" }, peerDependencies: { d: "1" } },
      "node_modules/b": {
        dependencies: { c: "1" },
        peerDependencies: { e: "1" },
        peerDependenciesMeta: { e: { optional: true } },
      },
      "node_modules/z": {},
    },
  }
  expect(InstalledPackages.broughtBy("a", lock)).toEqual(["a", "b", "c", "d"])
})
