import { expect, it } from "vitest"
import * as ReadmeCommands from "./ReadmeCommands.ts"

it("a README's commands are those of its sh blocks, each with what it prints", () => {
  const text = [
    "Words, `sh not`.",
    "```sh",
    "npm start            # stays",
    "# a remark",
    "```",
    "```json",
    "{}",
    "```",
    "```sh",
    "curl -s \\",
    "  http://host",
    "# => one",
    "# => two",
    "```",
    "",
  ].join("\n")
  expect(ReadmeCommands.of(text)).toEqual([
    { command: "npm start            # stays", prints: [] },
    { command: "curl -s http://host", prints: ["one", "two"] },
  ])
})
