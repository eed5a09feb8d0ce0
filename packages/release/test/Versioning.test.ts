import { spawnSync } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import * as Versioning from "../src/Versioning.ts"
import { home } from "../src/WorkspacePackage.ts"

const written = (path: string, value: unknown) => {
  mkdirSync(join(path, ".."), { recursive: true })
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value, undefined, 2))
}

it("a change of one package is told in the library's changelog, and all have its version", () => {
  const folder = mkdtempSync(join(tmpdir(), "onymous-version-"))
  try {
    cpSync(join(home, ".changeset"), join(folder, ".changeset"), { recursive: true })
    for (const [name, dependencies] of Object.entries({
      onymous: { "@onymous/log": "0.1.0", effect: "4.1.0" },
      "@onymous/log": {},
    })) {
      const manifest = { name, version: "0.1.0", private: true, dependencies }
      written(join(folder, "packages", name.replace(/.*\//, ""), "package.json"), manifest)
    }
    const example = join(folder, "packages", "examples", "express", "package.json")
    written(example, { name: "example", dependencies: { onymous: "0.1.0" } })
    written(join(folder, "package.json"), { private: true, workspaces: ["packages/*"] })
    written(join(folder, "package-lock.json"), {})
    const changelog = join(folder, "packages", "onymous", "CHANGELOG.md")
    written(changelog, "# Changelog\n\n## 0.1.0\n\n- It is there.\n")
    written(
      join(folder, ".changeset", "new.md"),
      '---\n"onymous": minor\n---\n\nA thing more,\nin two lines.\n',
    )
    for (const words of [
      ["init", "-q"],
      ["add", "-A"],
    ])
      spawnSync("git", words, { cwd: folder })
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    spawnSync("git", [...author, "commit", "-qm", "a"], { cwd: folder })
    Versioning.next(folder)
    const versionOf = (name: string) =>
      JSON.parse(readFileSync(join(folder, "packages", name, "package.json"), "utf8"))
    expect(versionOf("log").version).toBe("0.2.0")
    expect(versionOf("onymous")).toMatchObject({
      version: "0.2.0",
      dependencies: { "@onymous/log": "0.2.0", effect: "4.1.0" },
    })
    expect(readFileSync(changelog, "utf8")).toBe(
      "# Changelog\n\n## 0.2.0\n\n### Minor Changes\n\n- A thing more,\n  in two lines.\n\n## 0.1.0\n\n- It is there.\n",
    )
    expect(existsSync(join(folder, "packages", "log", "CHANGELOG.md"))).toBe(false)
    expect(existsSync(join(folder, ".changeset", "new.md"))).toBe(false)
    expect(readFileSync(example, "utf8")).toContain('"onymous": "0.2.0"')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
